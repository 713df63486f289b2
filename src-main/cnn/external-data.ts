import { open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep, win32 } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { hashBytes } from '../files/hash';
import { ElementType, type OnnxGraph, type OnnxModel, type OnnxTensor } from '../onnx/model';

/** Bytes per element, by TensorProto.DataType. */
const ELEMENT_BYTES: Readonly<Record<number, number>> = {
  [ElementType.float]: 4,
  [ElementType.uint8]: 1,
  3: 1,
  4: 2,
  5: 2,
  [ElementType.int32]: 4,
  [ElementType.int64]: 8,
  [ElementType.bool]: 1,
  [ElementType.float16]: 2,
  [ElementType.double]: 8,
  12: 4,
  13: 8,
  [ElementType.bfloat16]: 2,
};

const EXTERNAL = 1;

/**
 * Reads weights that an ONNX file keeps in other files into the model. Only files in the model's own folder are read:
 * absolute paths, "..", and links that lead out of it are refused, because an ONNX file could otherwise make the program
 * read any file of the user's (CVE-2026-27489).
 * @param budget bytes that may be read in all
 * @returns SHA-256 of each tensor read, in the order of the model
 */
export async function inlineExternalData(model: OnnxModel, modelPath: string, budget: number): Promise<string[]> {
  const folder = await realpath(dirname(resolve(modelPath)));
  const hashes: string[] = [];
  let left = budget;
  for (const tensor of externalTensors(model.graph)) {
    const place = readPlace(tensor, modelPath);
    left -= place.length;
    if (left < 0) {
      throw new UserError({
        code: 'file-too-large',
        what: 'the model with its weights is too large',
        file: modelPath,
        expected: 'less than 2 GiB, the limit of the ONNX format',
        remedy: 'export it in float16',
      });
    }
    tensor.rawData = await readPart(folder, place, tensor, modelPath);
    hashes.push(hashBytes(tensor.rawData));
    delete tensor.externalData;
    delete tensor.dataLocation;
  }
  return hashes;
}

function externalTensors(graph: OnnxGraph): OnnxTensor[] {
  const inNodes = graph.node.flatMap((node) =>
    (node.attribute ?? []).flatMap(({ t, g }) => [
      ...(t?.dataLocation === EXTERNAL ? [t] : []),
      ...(g ? externalTensors(g) : []),
    ]),
  );
  return [...(graph.initializer ?? []).filter((tensor) => tensor.dataLocation === EXTERNAL), ...inNodes];
}

interface Place {
  location: string;
  offset: number;
  length: number;
}

function readPlace(tensor: OnnxTensor, modelPath: string): Place {
  const entries = new Map((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const elementBytes = ELEMENT_BYTES[tensor.dataType];
  if (elementBytes === undefined) throw refuse(modelPath, tensor, `element type ${tensor.dataType}, which is not known`);
  const expected = (tensor.dims ?? []).reduce((a, b) => a * b, 1) * elementBytes;
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? expected);
  if (!Number.isSafeInteger(offset) || offset < 0) throw refuse(modelPath, tensor, `offset "${entries.get('offset')}"`);
  if (length !== expected) throw refuse(modelPath, tensor, `${entries.get('length')} bytes for ${expected} bytes of weights`);
  const parts = location.split(/[/\\]/);
  if (
    location === '' ||
    location.includes('\0') ||
    isAbsolute(location) ||
    win32.isAbsolute(location) ||
    /^[A-Za-z]:/.test(location)
  ) {
    throw refuse(modelPath, tensor, `the location "${location}", not inside the model's folder`);
  }
  if (parts.includes('..')) throw refuse(modelPath, tensor, `the location "${location}", which leaves the model's folder`);
  return { location, offset, length };
}

async function readPart(
  folder: string,
  { location, offset, length }: Place,
  tensor: OnnxTensor,
  modelPath: string,
): Promise<Uint8Array> {
  let path: string;
  try {
    path = await realpath(join(folder, location));
  } catch {
    throw refuse(modelPath, tensor, `no file "${location}" beside the model`, 'copy the weights file beside the model');
  }
  const inside = relative(folder, path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw refuse(modelPath, tensor, `a link "${location}" that leads out of the model's folder`);
  }
  // Looked at before it is opened: opening a named pipe would wait for ever.
  const information = await stat(path);
  if (!information.isFile()) throw refuse(modelPath, tensor, `"${location}", which is no file`);
  if (offset + length > information.size) {
    const found = `"${location}" with ${information.size} bytes where ${offset + length} are needed`;
    throw refuse(modelPath, tensor, found, 'copy the weights file again');
  }
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, Math.min(length - read, 1 << 30), offset + read);
      if (bytesRead === 0) throw refuse(modelPath, tensor, `"${location}" cut short`);
      read += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

function refuse(modelPath: string, tensor: OnnxTensor, found: string, remedy?: string): UserError {
  return new UserError({
    code: 'file-refused',
    what: `the weights "${tensor.name ?? ''}" of the model cannot be read`,
    file: modelPath,
    expected: 'a file in the folder of the model',
    found,
    remedy: remedy ?? 'get the model from a source you trust, or export it in one file',
  });
}
