import { crc32 } from 'node:zlib';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl';
import { UserError } from '../../src-preload/shared/domain/errors';
import { writeFileAtomically } from './atomic-write';
import { encodeNpy, parseNpy, type NpyArray, type NpyContent } from './npy';

const ENDING = '.npy';
const CHUNK_BYTES = 1 << 20;
/** The archive is written without the zip64 extension, as fflate has none. */
const LARGEST_ARCHIVE = 2 ** 32 - 1;
const MOST_ARRAYS = 2 ** 16 - 1;
const LONGEST_NAME_BYTES = 1024;

export interface WriteNpzOptions {
  /** Deflate the arrays (numpy.savez_compressed) instead of storing them (numpy.savez, the default). */
  compress?: boolean;
}

/**
 * Writes named arrays as .npz, one after the other: an async iterable keeps only one in memory. Names are kept as they
 * are ("layer1.0.conv", "/features/Conv_output_0", "層"); the file holds the old content or all of the new.
 * @throws UserError for a name that archives cannot hold (`checkArrayName`), a name given twice, or 4 GiB in all
 */
export async function writeNpz(
  path: string,
  arrays: Iterable<readonly [string, NpyContent]> | AsyncIterable<readonly [string, NpyContent]>,
  { compress = false }: WriteNpzOptions = {},
): Promise<void> {
  await writeFileAtomically(path, async (sink) => {
    const pending: Uint8Array[] = [];
    const zip = new Zip((fault, chunk) => {
      if (fault) throw fault;
      pending.push(chunk);
    });
    const flush = async () => {
      for (const chunk of pending.splice(0)) await sink.write(chunk);
      if (sink.length > LARGEST_ARCHIVE) throw tooLarge(path);
    };
    const names = new Set<string>();
    for await (const [name, content] of arrays) {
      checkArrayName(name);
      if (names.has(name))
        throw new UserError({
          code: 'duplicate',
          what: 'two arrays have the same name',
          file: path,
          found: JSON.stringify(name),
        });
      if (names.add(name).size > MOST_ARRAYS || content.data.byteLength > LARGEST_ARCHIVE) throw tooLarge(path);
      const entry = compress ? new ZipDeflate(name + ENDING, { level: 6 }) : new ZipPassThrough(name + ENDING);
      // One date for all, so that the same arrays give the same file; readable for all when unpacked on Unix.
      Object.assign(entry, { mtime: new Date(1980, 0, 1), os: 3, attrs: (0o644 << 16) >>> 0 });
      zip.add(entry);
      const [header, values] = encodeNpy(content);
      entry.push(header, values.byteLength === 0);
      for (let start = 0; start < values.byteLength; start += CHUNK_BYTES) {
        entry.push(values.subarray(start, start + CHUNK_BYTES), start + CHUNK_BYTES >= values.byteLength);
        await flush();
      }
    }
    zip.end();
    await flush();
  });
}

/**
 * Refuses names that an archive cannot hold or that would leave the folder where somebody unpacks it: check taps with
 * it before the work whose results they name.
 */
export function checkArrayName(name: string): void {
  const bytes = Buffer.byteLength(name);
  const climbs = name.split(/[/\\]/).includes('..');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (bytes > 0 && bytes <= LONGEST_NAME_BYTES && !climbs && !/[\u0000-\u001f\u007f]/.test(name) && name.isWellFormed()) return;
  throw new UserError({
    code: 'setting-invalid',
    what: 'an array cannot have this name in a .npz file',
    expected: `1 to ${LONGEST_NAME_BYTES} bytes without control characters or ".." between slashes`,
    found: JSON.stringify(name.slice(0, 80)),
    remedy: 'rename it',
  });
}

export interface ReadNpzOptions {
  /** Only these arrays; by default all. */
  names?: readonly string[];
  /** Bytes that the arrays asked for may take in memory together; by default 4 GiB. */
  maximumBytes?: number;
}

/**
 * Reads arrays of a .npz file, stored or deflated, in the order of the archive; entries that are not .npy are passed over.
 * @throws UserError where the archive or an array in it is damaged, unpacks to more than it says or than `maximumBytes`,
 * holds a name twice, or lacks a name asked for
 */
export async function readNpz(
  path: string,
  { names, maximumBytes = 2 ** 32 }: ReadNpzOptions = {},
): Promise<Map<string, NpyArray>> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false }).catch((caught: unknown) => {
    throw damaged(path, caught);
  });
  try {
    const arrays = new Map<string, NpyArray>();
    let total = 0;
    for (const [name, entry] of await listEntries(zip, path)) {
      if (names && !names.includes(name)) continue;
      total += entry.uncompressedSize;
      if (total > maximumBytes) throw tooMuch(path, maximumBytes, total);
      const bytes = await readEntry(zip, entry, path);
      arrays.set(name, parseNpy(bytes, `${path}, array ${JSON.stringify(name)}`));
    }
    const missing = names?.find((name) => !arrays.has(name));
    if (missing !== undefined)
      throw new UserError({ code: 'not-found', what: 'no such array', file: path, expected: JSON.stringify(missing) });
    return arrays;
  } finally {
    zip.close();
  }
}

async function listEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      const file = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
      if (!file.endsWith(ENDING)) continue;
      const name = file.slice(0, -ENDING.length);
      if (entries.has(name)) throw new Error(`two arrays named ${JSON.stringify(name)}`);
      entries.set(name, entry);
    }
  } catch (caught) {
    throw damaged(path, caught);
  }
  return entries;
}

/** The content of an entry; no more than the declared size is ever held, whatever it unpacks to. */
async function readEntry(zip: ZipFile, entry: Entry, path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const stream = await zip.openReadStreamPromise(entry);
    const bytes = new Uint8Array(entry.uncompressedSize);
    let length = 0;
    let checksum = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (length + chunk.byteLength > bytes.byteLength) throw new Error('an entry unpacks to more than it declares');
      bytes.set(chunk, length);
      length += chunk.byteLength;
      checksum = crc32(chunk, checksum);
    }
    if (length !== bytes.byteLength) throw new Error('an entry unpacks to less than it declares');
    if (checksum !== entry.crc32) throw new Error('a checksum does not agree');
    return bytes;
  } catch (caught) {
    throw damaged(path, caught);
  }
}

/** Faults of the archive are the user's to mend; those of the file system keep their code and are explained by it. */
function damaged(file: string, caught: unknown): unknown {
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : '';
  if (/^E[A-Z]+$/.test(code)) return caught;
  return new UserError(
    {
      code: 'file-damaged',
      what: 'cannot read the archive of arrays',
      file,
      expected: 'a .npz file as numpy.savez writes it',
      found: caught instanceof Error ? caught.message : String(caught),
      remedy: 'copy or write it again',
    },
    { cause: caught },
  );
}

function tooMuch(file: string, maximumBytes: number, found: number): UserError {
  return new UserError({
    code: 'file-refused',
    what: 'the archive unpacks to too much',
    file,
    expected: `at most ${maximumBytes} bytes`,
    found: `${found} bytes or more`,
    remedy: 'ask for fewer arrays, or split the file',
  });
}

function tooLarge(file: string): UserError {
  return new UserError({
    code: 'file-too-large',
    what: 'the arrays do not fit into one .npz file',
    file,
    expected: `at most ${LARGEST_ARCHIVE} bytes and ${MOST_ARRAYS} arrays`,
    remedy: 'write fewer arrays per file',
  });
}
