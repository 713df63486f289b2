import { open, type FileHandle } from 'node:fs/promises';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { CheckpointFile } from '../checkpoint-file';
import { readLegacy } from './legacy-file';
import { PickleError } from './pickle-reader';
import { findStateDict } from './state-dict';
import { makeContiguous } from './strided';
import { bytesPerValue } from './tensor-types';
import type { TorchTensor } from './torch-tensors';
import { readZip } from './zip-file';

/** What either form of PyTorch's files comes to. */
export interface TorchContent {
  /** What torch.load would give. */
  root: unknown;
  /** Where the data of storages lie in the file, in bytes, by storage key. */
  places: ReadonlyMap<string, { position: number; length: number }>;
}

/** No tensor of a CNN comes near; it bounds what a file can make this program hold. */
const LARGEST_TENSOR_BYTES = 2 ** 31 - 1;
const CHUNK_BYTES = 1 << 28;

/** A PyTorch checkpoint whose pickle has been read as data; tensors are read one by one from the file. */
class TorchFile implements CheckpointFile {
  constructor(
    readonly path: string,
    readonly format: 'PyTorch zip' | 'PyTorch legacy',
    readonly tensors: ReadonlyMap<string, TorchTensor>,
    private readonly places: TorchContent['places'],
    private readonly handle: FileHandle,
  ) {}

  async readBytes(name: string): Promise<ArrayBuffer> {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new UserError({ code: 'not-found', what: `the checkpoint has no tensor "${name}"`, file: this.path });
    const { shape, strides, offset, span, values } = tensor;
    const width = bytesPerValue[tensor.type];
    if (Math.max(values, span) * width > LARGEST_TENSOR_BYTES) throw damaged(this.path, `a tensor "${name}" of more than 2 GiB`);
    const bytes = new Uint8Array(span * width);
    const { position } = this.places.get(tensor.storage.key)!;
    for (let done = 0; done < bytes.byteLength;) {
      const length = Math.min(CHUNK_BYTES, bytes.byteLength - done);
      const { bytesRead } = await this.handle.read(bytes, done, length, position + offset * width + done);
      if (bytesRead === 0) throw damaged(this.path, `the data of "${name}" cut short`);
      done += bytesRead;
    }
    return makeContiguous(bytes.buffer, width, shape, strides);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/**
 * Opens a file of torch.save, of either form. The pickle in it is read as data: nothing it names is run, and names beyond those
 * of tensors are refused. No tensor is read yet.
 * @throws UserError where it is no such file, is cut short, or asks for anything but tensors
 */
export async function openTorchFile(path: string, form: 'zip' | 'legacy'): Promise<CheckpointFile> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const { root, places } = form === 'zip' ? await readZip(path, handle, size) : await readLegacy(handle, size);
    const { tensors } = findStateDict(root);
    if (tensors.size === 0) {
      const expected = 'a state dict: tensors by name, on their own or as "state_dict"';
      const remedy = "save it in Python with torch.save(model.state_dict(), 'weights.pth')";
      throw new UserError({ code: 'file-kind', what: 'the checkpoint holds no weights', file: path, expected, remedy });
    }
    checkPlaces(tensors, places);
    return new TorchFile(path, form === 'zip' ? 'PyTorch zip' : 'PyTorch legacy', tensors, places, handle);
  } catch (caught) {
    await handle.close();
    throw caught instanceof PickleError ? explain(path, caught) : caught;
  }
}

function checkPlaces(tensors: ReadonlyMap<string, TorchTensor>, places: TorchContent['places']): void {
  for (const [name, { type, storage, offset, span }] of tensors) {
    const place = places.get(storage.key);
    if (!place) throw new PickleError('damaged', `no data for "${name}"`);
    const needed = (offset + span) * bytesPerValue[type];
    if (needed > place.length) throw new PickleError('cut short', `${place.length} bytes for "${name}", which needs ${needed}`);
  }
}

function explain(path: string, caught: PickleError): UserError {
  if (caught.reason !== 'refused') return damaged(path, caught.message, caught);
  return new UserError(
    {
      code: 'file-refused',
      what: 'the checkpoint is refused: it holds more than tensors, and may be made to run programs',
      file: path,
      expected: 'tensors by name only',
      found: caught.message,
      remedy: 'get it from a source you trust, and save its state dict alone, or as safetensors',
    },
    { cause: caught },
  );
}

function damaged(file: string, found: string, cause?: unknown): UserError {
  const what = 'this is not a whole PyTorch checkpoint';
  return new UserError({ code: 'file-damaged', what, file, found, remedy: 'copy or download it again' }, { cause });
}
