import type { FileHandle } from 'node:fs/promises';
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { PickleError } from './pickle-reader';
import { readPickle } from './read-pickle';
import type { TorchContent } from './torch-file';
import { TorchMeaning } from './torch-tensors';

/*
 * The form of torch.save since version 1.6 (caffe2/serialize/inline_container.h): a zip archive, everything stored and not
 * compressed, with the pickle as NAME/data.pkl and every storage as NAME/data/KEY.
 */
const PICKLE = 'data.pkl';
const LARGEST_PICKLE_BYTES = 1 << 26;
const MOST_ENTRIES = 200_000;

export async function readZip(path: string, handle: FileHandle, size: number): Promise<TorchContent> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false }).catch((caught: unknown) => {
    throw unreadable(caught);
  });
  try {
    const entries = await listEntries(zip);
    const pickle = [...entries.keys()].find((name) => name === PICKLE || name.endsWith(`/${PICKLE}`));
    if (pickle === undefined) throw notTorch(path, entries);
    const root = pickle.slice(0, -PICKLE.length);
    if (entries.has(`${root}constants.pkl`)) throw torchScript(path);
    const place = (entry: Entry) => placeOf(zip, entry, size);
    await checkByteOrder(handle, entries.get(`${root}byteorder`), place);
    const bytes = await readEntry(handle, await place(entries.get(pickle)!), LARGEST_PICKLE_BYTES);
    const { value } = readPickle(bytes, 0, new TorchMeaning());
    const folder = `${root}data/`;
    const places = new Map<string, { position: number; length: number }>();
    for (const [name, entry] of entries) if (name.startsWith(folder)) places.set(name.slice(folder.length), await place(entry));
    return { root: value, places };
  } finally {
    zip.close();
  }
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
      if (entries.has(name)) throw new PickleError('damaged', `two entries named ${JSON.stringify(name)}`);
      if (entries.set(name, entry).size > MOST_ENTRIES) throw new PickleError('refused', `more than ${MOST_ENTRIES} entries`);
    }
  } catch (caught) {
    throw unreadable(caught);
  }
  return entries;
}

async function placeOf(zip: ZipFile, entry: Entry, size: number): Promise<{ position: number; length: number }> {
  if (entry.compressionMethod !== 0 || entry.isEncrypted()) {
    throw new PickleError('damaged', 'compressed or encrypted parts, which PyTorch does not write');
  }
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry).catch((caught: unknown) => {
    throw unreadable(caught);
  });
  if (fileDataStart + entry.uncompressedSize > size) throw new PickleError('cut short', 'an archive that ends too early');
  return { position: fileDataStart, length: entry.uncompressedSize };
}

async function readEntry(
  handle: FileHandle,
  { position, length }: { position: number; length: number },
  largest: number,
): Promise<Uint8Array> {
  if (length > largest) throw new PickleError('refused', `a pickle of ${length} bytes`);
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw new PickleError('cut short', 'an archive that ends too early');
  return bytes;
}

async function checkByteOrder(handle: FileHandle, entry: Entry | undefined, place: (entry: Entry) => ReturnType<typeof placeOf>) {
  if (!entry) return;
  const order = Buffer.from(await readEntry(handle, await place(entry), 16)).toString('latin1');
  if (order !== 'little') throw new PickleError('refused', `numbers in byte order "${order}"`);
}

function notTorch(path: string, entries: ReadonlyMap<string, Entry>): UserError {
  const names = [...entries.keys()].slice(0, 3).join(', ');
  return new UserError({
    code: 'file-kind',
    what: 'this zip archive is no PyTorch checkpoint',
    file: path,
    expected: `one with ${PICKLE} inside`,
    found: names === '' ? 'nothing in it' : `${names}${entries.size > 3 ? ', …' : ''}`,
    remedy: 'unpack it and name the checkpoint inside, if there is one',
  });
}

function torchScript(path: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is a TorchScript program, not a checkpoint',
    file: path,
    expected: 'a state dict',
    remedy: 'save model.state_dict() with torch.save, or export the model to ONNX with torch.onnx.export',
  });
}

function unreadable(caught: unknown): unknown {
  if (caught instanceof PickleError) return caught;
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : '';
  if (/^E[A-Z]+$/.test(code)) return caught;
  return new PickleError(
    'cut short',
    `an archive cut short or damaged (${caught instanceof Error ? caught.message : String(caught)})`,
  );
}
