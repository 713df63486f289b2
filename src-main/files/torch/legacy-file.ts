import type { FileHandle } from 'node:fs/promises';
import { PickleError } from './pickle-reader';
import { readPickle } from './read-pickle';
import { bytesPerValue } from './tensor-types';
import type { TorchContent } from './torch-file';
import { TorchMeaning, type TorchStorage } from './torch-tensors';

/*
 * The form of torch.save before version 1.6 (torch/serialization.py, _legacy_save): five pickles, one after the other –
 * magic number, protocol version, system information, the object, the keys of its storages – then for each key the number of
 * values as int64 and the values.
 */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
/** The pickles of the largest CNNs take less than 1 MiB. */
const FIRST_READ_BYTES = 1 << 20;
const LARGEST_PICKLES_BYTES = 1 << 26;
const COUNT_BYTES = 8;

export async function readLegacy(handle: FileHandle, size: number): Promise<TorchContent> {
  const { root, keys, storages, end } = await readPickles(handle, size);
  return { root, places: await placeStorages(handle, size, keys, storages, end) };
}

interface Pickles {
  root: unknown;
  keys: string[];
  storages: ReadonlyMap<string, TorchStorage>;
  end: number;
}

/** Reads from the start as much as the pickles need; how long they are, only they tell. */
async function readPickles(handle: FileHandle, size: number): Promise<Pickles> {
  for (let length = FIRST_READ_BYTES; ; length *= 8) {
    const bytes = new Uint8Array(Math.min(length, size));
    await handle.read(bytes, 0, bytes.byteLength, 0);
    try {
      return parsePickles(bytes);
    } catch (caught) {
      if (!(caught instanceof PickleError) || caught.reason !== 'cut short' || bytes.byteLength === size) throw caught;
      if (length >= LARGEST_PICKLES_BYTES) throw new PickleError('refused', 'a pickle of more than 64 MiB');
    }
  }
}

function parsePickles(bytes: Uint8Array): Pickles {
  const meaning = new CollectingMeaning();
  let end = 0;
  const next = () => {
    const pickle = readPickle(bytes, end, meaning);
    end = pickle.end;
    return pickle.value;
  };
  if (next() !== MAGIC_NUMBER) throw new PickleError('damaged', 'a pickle that PyTorch did not write');
  const version = next();
  if (version !== PROTOCOL_VERSION) throw new PickleError('refused', `PyTorch file version ${String(version)}`);
  const system = next();
  if (system instanceof Map && system.get('little_endian') === false) {
    throw new PickleError('refused', 'numbers of a big-endian machine');
  }
  const root = next();
  const keys = next();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw new PickleError('damaged', 'no list of storages');
  }
  return { root, keys, storages: meaning.storages, end };
}

/** Keeps the storages it meets: the type of each tells how long its data are. */
class CollectingMeaning extends TorchMeaning {
  readonly storages = new Map<string, TorchStorage>();

  override persistent(id: unknown): TorchStorage {
    const storage = super.persistent(id);
    this.storages.set(storage.key, storage);
    return storage;
  }
}

async function placeStorages(
  handle: FileHandle,
  size: number,
  keys: readonly string[],
  storages: ReadonlyMap<string, TorchStorage>,
  start: number,
): Promise<TorchContent['places']> {
  const places = new Map<string, { position: number; length: number }>();
  const count = Buffer.alloc(COUNT_BYTES);
  let position = start;
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage) throw new PickleError('damaged', `data of a storage "${key}" that no tensor has`);
    const { bytesRead } = await handle.read(count, 0, COUNT_BYTES, position);
    const elements = count.readBigInt64LE();
    const length = Number(elements) * (storage.type === null ? 1 : bytesPerValue[storage.type]);
    position += COUNT_BYTES;
    if (bytesRead < COUNT_BYTES || elements < 0n || position + length > size) {
      throw new PickleError('cut short', `a file of ${size} bytes that ends before the data of all tensors`);
    }
    places.set(key, { position, length });
    position += length;
  }
  return places;
}
