import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Affine, Grid } from '../../../src-preload/shared/domain/grid';
import { invertAffine } from '../affine';
import { chooseAffine } from './orientation';
import { describeRefusedType, findDataType, READABLE_TYPES, type DataType } from './data-types';

/** Bytes of the longer header (NIfTI-2) with the four bytes that announce extensions. */
export const LONGEST_HEADER = 544;
/** One volume is held in memory at a time; a header that claims more than this is taken for a broken one. */
const LARGEST_VOLUME = 2 ** 30;

/** A NIfTI-1 or NIfTI-2 header, checked. */
export interface NiftiHeader {
  version: 1 | 2;
  littleEndian: boolean;
  /** Sizes along all axes the header names, as in the file: [i, j, k, time, …]. */
  shape: readonly number[];
  /** Steps along the same axes, unconverted: [mm, mm, mm, TR, …] in `units`. */
  zooms: readonly number[];
  /** NiBabel's names: ['mm', 'sec']. */
  units: readonly [string, string];
  dataType: DataType;
  /** Where voxel values begin in the (decompressed) data file. */
  dataOffset: number;
  /** value = slope · stored + intercept; 1 and 0 where the header asks for no scaling. */
  slope: number;
  intercept: number;
  qformCode: number;
  sformCode: number;
  /** The first three axes (1 where there are fewer) with the affine that the standard chooses. */
  grid: Grid;
  /** Product of all axes after the third. */
  volumes: number;
}

const spatialUnits: Record<number, string> = { 1: 'meter', 2: 'mm', 3: 'micron' };
const timeUnits: Record<number, string> = { 8: 'sec', 16: 'msec', 24: 'usec', 32: 'hz', 40: 'ppm', 48: 'rads' };

/** Where the fields of a version lie and how they are read. */
interface Layout {
  version: 1 | 2;
  littleEndian: boolean;
  dimensions(i: number): number;
  pixdim(i: number): number;
  dataTypeCode: number;
  voxOffset: number;
  slope: number;
  intercept: number;
  units: number;
  qformCode: number;
  sformCode: number;
  /** b, c, d, then the three offsets. */
  quaternion: number[];
  sformRows: number[];
  magic: string;
}

/**
 * Parses and checks the first bytes of a .nii or .hdr file. Written here because nifti-reader-js (0.8) takes the qform before
 * the sform where its code is larger, misreads negative 64-bit integers, and checks nothing.
 * @param bytes at least 348 (NIfTI-1) or 540 (NIfTI-2) bytes
 * @throws UserError naming `file` where the header is none, or claims what cannot be
 */
export function parseNiftiHeader(bytes: Uint8Array, file: string): NiftiHeader {
  const layout = readLayout(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), file);
  const dataType = findDataType(layout.dataTypeCode);
  if (!dataType) throw refuse(file, 'data type', READABLE_TYPES, describeRefusedType(layout.dataTypeCode));
  const shape = readShape(layout, dataType, file);
  const grid: Grid = { shape: [shape[0]!, shape[1] ?? 1, shape[2] ?? 1], affine: readAffine(layout, shape, file) };
  return {
    version: layout.version,
    littleEndian: layout.littleEndian,
    shape,
    zooms: shape.map((_, axis) => layout.pixdim(axis + 1)),
    units: [spatialUnits[layout.units & 0x07] ?? 'unknown', timeUnits[layout.units & 0x38] ?? 'unknown'],
    dataType,
    dataOffset: readDataOffset(layout, file),
    ...readScaling(layout, file),
    qformCode: layout.qformCode,
    sformCode: layout.sformCode,
    grid,
    volumes: shape.slice(3).reduce((product, size) => product * size, 1),
  };
}

/** Seconds between volumes as the header states them, whether plausible or not; null where it states none. */
export function headerTrSeconds(header: NiftiHeader): number | null {
  const step = header.zooms[3];
  const unit = { sec: 1, unknown: 1, msec: 1e-3, usec: 1e-6 }[header.units[1]];
  if (step === undefined || unit === undefined || !(step > 0) || !Number.isFinite(step)) return null;
  // NIfTI-1 stores float32: 0.72 is in the file as 0.7200000286102295.
  return Number((step * unit).toPrecision(header.version === 1 ? 7 : 15));
}

/** Between 0.05 and 20 s: a TR in milliseconds marked as seconds falls outside. */
export function isPlausibleTr(seconds: number): boolean {
  return seconds >= 0.05 && seconds <= 20;
}

function readLayout(view: DataView, file: string): Layout {
  const sizes = { 348: 1, 540: 2 } as Record<number, 1 | 2>;
  const littleEndian = view.byteLength >= 4 && view.getInt32(0, true) in sizes;
  const version = view.byteLength >= 4 ? sizes[view.getInt32(0, littleEndian)] : undefined;
  if (!version) throw notNifti(file, view);
  const needed = version === 1 ? 348 : 540;
  if (view.byteLength < needed) throw refuse(file, 'header', `${needed} bytes`, `${view.byteLength} bytes, a truncated file`);
  const layout = version === 1 ? layoutOfVersion1(view, littleEndian) : layoutOfVersion2(view, littleEndian);
  if (!['n+1', 'ni1', 'n+2', 'ni2'].includes(layout.magic)) {
    throw refuse(file, 'header', 'the mark "n+1", "ni1", "n+2" or "ni2"', 'none: an Analyze 7.5 header or a damaged file');
  }
  return layout;
}

function layoutOfVersion1(view: DataView, littleEndian: boolean): Layout {
  const int16 = (offset: number) => view.getInt16(offset, littleEndian);
  const float = (offset: number) => view.getFloat32(offset, littleEndian);
  return {
    version: 1,
    littleEndian,
    dimensions: (i) => int16(40 + 2 * i),
    pixdim: (i) => float(76 + 4 * i),
    dataTypeCode: int16(70),
    voxOffset: float(108),
    slope: float(112),
    intercept: float(116),
    units: view.getUint8(123),
    qformCode: int16(252),
    sformCode: int16(254),
    quaternion: [256, 260, 264, 268, 272, 276].map(float),
    sformRows: Array.from({ length: 12 }, (_, i) => float(280 + 4 * i)),
    magic: asciiAt(view, 344),
  };
}

function layoutOfVersion2(view: DataView, littleEndian: boolean): Layout {
  const int64 = (offset: number) => Number(view.getBigInt64(offset, littleEndian));
  const int32 = (offset: number) => view.getInt32(offset, littleEndian);
  const float = (offset: number) => view.getFloat64(offset, littleEndian);
  return {
    version: 2,
    littleEndian,
    dimensions: (i) => int64(16 + 8 * i),
    pixdim: (i) => float(104 + 8 * i),
    dataTypeCode: view.getInt16(12, littleEndian),
    voxOffset: int64(168),
    slope: float(176),
    intercept: float(184),
    units: int32(500),
    qformCode: int32(344),
    sformCode: int32(348),
    quaternion: [352, 360, 368, 376, 384, 392].map(float),
    sformRows: Array.from({ length: 12 }, (_, i) => float(400 + 8 * i)),
    magic: asciiAt(view, 4),
  };
}

function readShape(layout: Layout, dataType: DataType, file: string): number[] {
  const axes = layout.dimensions(0);
  if (!(axes >= 1 && axes <= 7)) throw refuse(file, 'number of axes', '1 to 7', `${axes}`);
  const shape = Array.from({ length: axes }, (_, axis) => layout.dimensions(axis + 1));
  const volume = shape.slice(0, 3).reduce((product, size) => product * size, dataType.bytes);
  const whole = shape.slice(3).reduce((product, size) => product * size, volume);
  const found = shape.join(' × ');
  if (shape.some((size) => !(size >= 1))) throw refuse(file, 'shape', 'sizes of at least 1', found);
  if (volume > LARGEST_VOLUME) throw refuse(file, 'shape', 'volumes of at most 1 GiB', found);
  if (!Number.isSafeInteger(whole)) throw refuse(file, 'shape', 'fewer than 2^53 bytes', found);
  return shape;
}

function readDataOffset(layout: Layout, file: string): number {
  const separate = layout.magic.startsWith('ni');
  const least = separate ? 0 : layout.version === 1 ? 352 : 544;
  // 0 in a single file means the default place, right after the header.
  const offset = layout.voxOffset === 0 ? least : layout.voxOffset;
  if (!(Number.isSafeInteger(offset) && offset >= least)) {
    throw refuse(file, 'offset of the data', `a whole number of bytes from ${least}`, `${layout.voxOffset}`);
  }
  return offset;
}

/** A slope of 0 or one that is not finite means: not scaled (nifti1.h, "DATA SCALING"). */
function readScaling({ slope, intercept }: Layout, file: string): { slope: number; intercept: number } {
  if (slope === 0 || !Number.isFinite(slope)) return { slope: 1, intercept: 0 };
  if (!Number.isFinite(intercept)) throw refuse(file, 'scaling', 'a finite intercept', `${intercept}`);
  return { slope, intercept };
}

function readAffine(layout: Layout, shape: readonly number[], file: string): Affine {
  const { qformCode, sformCode, quaternion, sformRows } = layout;
  const pixdim = Array.from({ length: 4 }, (_, i) => layout.pixdim(i));
  const { affine, from } = chooseAffine({ qformCode, sformCode, quaternion, sformRows, pixdim, shape });
  if (affine.every(Number.isFinite) && invertAffine(affine)) return affine;
  throw refuse(file, `affine (from the ${from})`, 'finite numbers that span space', affine.slice(0, 12).join(' '));
}

function asciiAt(view: DataView, offset: number): string {
  const characters = [0, 1, 2].map((i) => String.fromCharCode(view.getUint8(offset + i)));
  return view.getUint8(offset + 3) === 0 ? characters.join('') : '';
}

function notNifti(file: string, view: DataView): UserError {
  const start = Array.from({ length: Math.min(view.byteLength, 64) }, (_, i) => view.getUint8(i));
  const isText = start.length > 0 && start.every((byte) => byte >= 9 && byte < 127);
  const found =
    start.length === 0 ? 'no data' : isText ? `text: "${String.fromCharCode(...start.slice(0, 20)).trim()}…"` : 'other data';
  const remedy = 'name a .nii, .nii.gz, .hdr or .img file';
  return new UserError({
    code: 'file-kind',
    what: 'this is not a NIfTI file',
    file,
    expected: 'a NIfTI-1 or NIfTI-2 header',
    found,
    remedy,
  });
}

function refuse(file: string, part: string, expected: string, found: string): UserError {
  return new UserError({
    code: 'file-content',
    what: `cannot read this NIfTI file: its ${part} is wrong`,
    file,
    expected,
    found,
    remedy: 'export or convert the image again',
  });
}
