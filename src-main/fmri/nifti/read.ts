import { UserError } from '../../../src-preload/shared/domain/errors';
import { describeShape } from '../affine';
import { numpyName, type RawVolume } from './data-types';
import { headerTrSeconds, isPlausibleTr, LONGEST_HEADER, parseNiftiHeader, type NiftiHeader } from './header';
import { locateImage, readPieces, type ImageFile } from './source';

/** Enough for a header, without inflating megabytes behind it. */
const HEADER_PIECE_BYTES = 4096;
/** deflate cannot expand data further than this (zlib.net/zlib_tech.html). */
const LARGEST_EXPANSION = 1032;
/** Bytes after the last volume that are read over; a gzip file with far more is not what its header says. */
const LARGEST_EXCESS = 64 * 2 ** 20;

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Sees every byte of the data file as it is on disk, for hashing while reading. */
  onSourceBytes?: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * Header of a .nii, .nii.gz or .hdr/.img image, NIfTI-1 or NIfTI-2, of either byte order.
 * @throws UserError where it is not one, or where the file cannot hold the data that the header claims
 */
export async function readNiftiHeader(path: string): Promise<NiftiHeader> {
  const files = await locateImage(path);
  const start: Uint8Array[] = [];
  let length = 0;
  for await (const piece of readPieces(files.header, { pieceBytes: HEADER_PIECE_BYTES })) {
    start.push(piece);
    length += piece.length;
    if (length >= LONGEST_HEADER) break;
  }
  const header = parseNiftiHeader(Buffer.concat(start).subarray(0, LONGEST_HEADER), files.header.path);
  refuseImpossibleSize(header, files.data);
  return header;
}

/**
 * The volumes of an image in order, one at a time in bounded memory, in file values without scaling.
 * Axes after the third are walked in file order. The memory yielded is used again for the next volume.
 * @throws UserError where the data end early or are damaged
 */
export async function* readRawVolumes(path: string, header: NiftiHeader, options: ReadOptions = {}): AsyncGenerator<RawVolume> {
  const { data } = await locateImage(path);
  const volume = new Uint8Array(volumeBytes(header));
  let skip = header.dataOffset;
  let filled = 0;
  let done = 0;
  let excess = 0;
  for await (const piece of readPieces(data, options)) {
    let from = Math.min(skip, piece.length);
    skip -= from;
    while (from < piece.length && done < header.volumes) {
      const take = Math.min(volume.length - filled, piece.length - from);
      volume.set(piece.subarray(from, from + take), filled);
      filled += take;
      from += take;
      if (filled < volume.length) continue;
      filled = 0;
      done++;
      if (!header.littleEndian) swapBytes(volume, header.dataType.bytes);
      yield header.dataType.view(volume);
    }
    excess += piece.length - from;
    if (excess > LARGEST_EXCESS) throw tooMuchData(data.path, header);
  }
  if (done < header.volumes) throw truncated(data.path, header, `${done} whole volumes`);
}

/** The volumes of an image in order as new float32 arrays (i fastest), scaled by the header's slope and intercept in float64. */
export async function* readVolumes(path: string, header: NiftiHeader, options: ReadOptions = {}): AsyncGenerator<Float32Array> {
  const { slope, intercept } = header;
  for await (const raw of readRawVolumes(path, header, options)) {
    const volume = new Float32Array(raw.length);
    if (slope === 1 && intercept === 0) volume.set(raw);
    else for (let i = 0; i < raw.length; i++) volume[i] = raw[i]! * slope + intercept;
    yield volume;
  }
}

/** An image of one volume, scaled. @throws UserError where it has several. */
export async function readSingleVolume(
  path: string,
  signal?: AbortSignal,
): Promise<{ header: NiftiHeader; values: Float32Array }> {
  const header = await readNiftiHeader(path);
  if (header.volumes !== 1) {
    throw new UserError({
      code: 'file-kind',
      what: 'this image has several volumes',
      file: path,
      expected: 'one volume',
      found: describeShape(header.shape),
    });
  }
  let values = new Float32Array();
  for await (const volume of readVolumes(path, header, { signal })) values = volume as Float32Array<ArrayBuffer>;
  return { header, values };
}

/** What `nifti-info` shows; the names are NiBabel's where it has them. */
export interface NiftiInfo {
  shape: number[];
  /** Four rows of four: voxel to world, mm. */
  affine: number[][];
  zooms: number[];
  units: [string, string];
  endianness: '<' | '>';
  dtype: string;
  qformCode: number;
  sformCode: number;
  /** The header's time step in seconds; null where it states none. */
  trSeconds: number | null;
  /** What a careful reader should know, one line each. */
  warnings: string[];
}

/**
 * Describes an image.
 * @param options.verifyData read all of it, so that truncated and damaged data are found
 */
export async function readNiftiInfo(path: string, options: { verifyData: boolean; signal?: AbortSignal }): Promise<NiftiInfo> {
  const header = await readNiftiHeader(path);
  if (options.verifyData) for await (const volume of readRawVolumes(path, header, { signal: options.signal })) void volume;
  const { affine } = header.grid;
  return {
    shape: [...header.shape],
    affine: [0, 4, 8, 12].map((row) => affine.slice(row, row + 4)),
    zooms: [...header.zooms],
    units: [...header.units],
    endianness: header.littleEndian ? '<' : '>',
    dtype: numpyName(header.dataType, header.littleEndian),
    qformCode: header.qformCode,
    sformCode: header.sformCode,
    trSeconds: headerTrSeconds(header),
    warnings: warnAbout(header),
  };
}

function warnAbout(header: NiftiHeader): string[] {
  const warnings: string[] = [];
  const [space, time] = header.units;
  const trSeconds = headerTrSeconds(header);
  if (space !== 'mm' && space !== 'unknown') warnings.push(`the spatial unit is ${space}: lengths are taken as mm all the same`);
  if (header.sformCode <= 0 && header.qformCode <= 0)
    warnings.push('neither sform nor qform is set: the place in the brain is unknown');
  if (header.volumes === 1) return warnings;
  if (trSeconds === null) warnings.push('no usable TR in the header: imports need --tr SECONDS');
  else if (!isPlausibleTr(trSeconds)) warnings.push(`a TR of ${trSeconds} s is not plausible: imports need --tr SECONDS`);
  else if (time === 'unknown') warnings.push(`the unit of the TR is not stated: ${trSeconds} is taken as seconds`);
  return warnings;
}

function volumeBytes({ grid: { shape }, dataType }: NiftiHeader): number {
  return shape[0] * shape[1] * shape[2] * dataType.bytes;
}

/** Refuses before anything is allocated or read. */
function refuseImpossibleSize(header: NiftiHeader, file: ImageFile): void {
  const claimed = header.dataOffset + volumeBytes(header) * header.volumes;
  if (!file.compressed && claimed > file.size) throw truncated(file.path, header, `${file.size} of ${claimed} bytes`);
  if (file.compressed && claimed > file.size * LARGEST_EXPANSION) {
    const found = `${file.size} compressed bytes, which cannot hold the ${claimed} bytes that its header claims`;
    throw truncated(file.path, header, found);
  }
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}

function truncated(file: string, header: NiftiHeader, found: string): UserError {
  const expected = `${header.volumes} volumes of ${describeShape(header.grid.shape)} ${header.dataType.name}`;
  return new UserError({
    code: 'file-damaged',
    what: 'the image data are incomplete (truncated file or wrong header)',
    file,
    expected,
    found,
    remedy: 'copy or download it again',
  });
}

function tooMuchData(file: string, header: NiftiHeader): UserError {
  const expected = `${header.volumes} volumes of ${describeShape(header.grid.shape)}`;
  return new UserError({
    code: 'file-refused',
    what: 'the file holds far more data than its header says',
    file,
    expected,
    found: 'more than 64 MiB after them',
  });
}
