import { open } from 'node:fs/promises';
import { UserError } from '../../src-preload/shared/domain/errors';
import { hashBytes } from '../files/hash';
import { decodeModel, type OnnxModel } from '../onnx/model';
import { inlineExternalData } from './external-data';
import { recogniseFile } from './recognise-file';

/** A CNN read from an ONNX file, complete in memory. */
export interface LoadedModel {
  path: string;
  /** Decoded; weights kept in files beside it are part of it. */
  model: OnnxModel;
  /** SHA-256 of the file, or of it and the files of weights beside it. */
  hash: string;
}

/** A protobuf message cannot be longer. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

/**
 * Reads an ONNX file with the weights it keeps in files beside it.
 * @throws UserError when it is no ONNX file (saying what it looks like), or names weights outside its own folder
 */
export async function readModel(path: string): Promise<LoadedModel> {
  const bytes = await readBounded(path);
  const appearance = recogniseFile(bytes);
  if (appearance) throw notOnnx(path, appearance.found, appearance.remedy);
  let model: OnnxModel;
  try {
    model = decodeModel(bytes);
  } catch (caught) {
    throw notOnnx(
      path,
      `content that is no ONNX graph, or cut short (${caught instanceof Error ? caught.message : String(caught)})`,
    );
  }
  const externalHashes = await inlineExternalData(model, path, MAX_MODEL_BYTES - bytes.byteLength);
  const hash = hashBytes(bytes);
  return { path, model, hash: externalHashes.length === 0 ? hash : hashBytes([hash, ...externalHashes].join('\n')) };
}

async function readBounded(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const information = await handle.stat();
    if (!information.isFile()) throw notOnnx(path, 'a folder', 'name the .onnx file inside');
    if (information.size > MAX_MODEL_BYTES) {
      throw new UserError({
        code: 'file-too-large',
        what: 'the model file is too large',
        file: path,
        expected: 'less than 2 GiB, the limit of the ONNX format',
        found: `${(information.size / 2 ** 30).toFixed(2)} GiB`,
        remedy: 'export it with its weights as external data, or in float16',
      });
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Checkpoints are told apart before: what comes here could only have been ONNX. */
function notOnnx(path: string, found: string, remedy = 'name a CNN in one of these formats'): UserError {
  const expected = 'an ONNX file, a PyTorch checkpoint or .safetensors';
  return new UserError({ code: 'file-kind', what: 'this is not a model', file: path, expected, found, remedy });
}
