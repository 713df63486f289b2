import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { voxelCount, type Grid } from '../../../src-preload/shared/domain/grid';
import { writeFileAtomically } from '../../files/atomic-write';
import { voxelSizes } from '../affine';
import { qformOfAffine } from './orientation';

const HEADER_BYTES = 352;
const PIECE_BYTES = 1 << 20;

/** Codes of the standard for what world coordinates mean: 1 scanner, 2 aligned to something, 3 Talairach, 4 MNI152. */
export type SpaceCode = 1 | 2 | 3 | 4;

export interface NiftiContent {
  grid: Grid;
  /** Values in order, each [i fastest, j, k] of the grid. */
  volumes: AsyncIterable<Float32Array> | Iterable<Float32Array>;
  /** Number of volumes; 1 writes a three-dimensional image. */
  count: number;
  trSeconds?: number;
  dataType: 'float32' | 'int16' | 'uint8';
  /** value = slope · stored; 1 by default. Stored integers are rounded. */
  slope?: number;
  /** At most 79 characters of ASCII. */
  description?: string;
  spaceCode: SpaceCode;
  /** zlib's 1 (fast, the default) to 9 (small), for names that end in .gz. */
  gzipLevel?: number;
}

const storage = {
  float32: { code: 16, array: Float32Array, least: -Infinity, most: Infinity },
  int16: { code: 4, array: Int16Array, least: -32768, most: 32767 },
  uint8: { code: 2, array: Uint8Array, least: 0, most: 255 },
} as const;

/**
 * Writes a NIfTI-1 file (.nii, or .nii.gz by its name) atomically, volume by volume.
 * The sform holds the affine; the qform says the same, or nothing (code 0) where the affine shears.
 * Written here because no library streams volumes out.
 * @throws RangeError where the volumes are not as announced or a value does not fit an integer type
 */
export async function writeNifti(path: string, content: NiftiContent): Promise<void> {
  await writeFileAtomically(path, async (sink) => {
    if (!/\.gz$/i.test(path)) {
      for await (const bytes of encode(content)) await sink.write(bytes);
      return;
    }
    const deflate = createGzip({ level: content.gzipLevel ?? 1, chunkSize: PIECE_BYTES });
    await pipeline(
      Readable.from(encode(content), { objectMode: true, highWaterMark: 1 }),
      deflate,
      async (packed: AsyncIterable<Buffer>) => {
        for await (const piece of packed) await sink.write(piece);
      },
    );
  });
}

async function* encode(content: NiftiContent): AsyncGenerator<Uint8Array> {
  const voxels = voxelCount(content.grid);
  yield encodeHeader(content);
  let written = 0;
  for await (const volume of content.volumes) {
    if (volume.length !== voxels) throw new RangeError(`a volume of ${volume.length} values for ${voxels} voxels`);
    yield encodeVolume(volume, content);
    written++;
  }
  if (written !== content.count) throw new RangeError(`${written} volumes, ${content.count} announced`);
}

function encodeVolume(volume: Float32Array, { dataType, slope = 1 }: NiftiContent): Uint8Array {
  const { array, least, most } = storage[dataType];
  const stored = new array(volume.length);
  for (let i = 0; i < volume.length; i++) {
    const value = dataType === 'float32' ? volume[i]! / slope : Math.round(volume[i]! / slope);
    if (dataType !== 'float32' && !(value >= least && value <= most))
      throw new RangeError(`${volume[i]} does not fit ${dataType}`);
    stored[i] = value;
  }
  return new Uint8Array(stored.buffer);
}

function encodeHeader({ grid, count, trSeconds, dataType, slope = 1, description = '', spaceCode }: NiftiContent): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  const { code, array } = storage[dataType];
  const qform = qformOfAffine(grid.affine);
  const shape = count === 1 ? [...grid.shape] : [...grid.shape, count];
  const largest = Math.max(...shape);
  if (largest > 32767) throw new RangeError(`an axis of ${largest} voxels or volumes is too long for NIfTI-1`);
  header.writeInt32LE(348, 0);
  [shape.length, ...shape, 1, 1, 1, 1].slice(0, 8).forEach((size, i) => header.writeInt16LE(size, 40 + 2 * i));
  header.writeInt16LE(code, 70);
  header.writeInt16LE(array.BYTES_PER_ELEMENT * 8, 72);
  const steps = [qform?.handedness ?? 1, ...voxelSizes(grid.affine), count > 1 ? (trSeconds ?? 0) : 0];
  steps.forEach((step, i) => header.writeFloatLE(step, 76 + 4 * i));
  header.writeFloatLE(HEADER_BYTES, 108);
  header.writeFloatLE(slope, 112);
  header.writeUInt8(trSeconds === undefined ? 2 : 2 | 8, 123);
  header.write(description, 148, 79, 'latin1');
  header.writeInt16LE(qform ? spaceCode : 0, 252);
  header.writeInt16LE(spaceCode, 254);
  const offsets = [3, 7, 11].map((i) => grid.affine[i]!);
  [...(qform?.quaternion ?? [0, 0, 0]), ...offsets].forEach((value, i) => header.writeFloatLE(value, 256 + 4 * i));
  grid.affine.slice(0, 12).forEach((value, i) => header.writeFloatLE(value, 280 + 4 * i));
  header.write('n+1\0', 344, 'latin1');
  return header;
}

/** A NIfTI-1 file in memory, not compressed; for single volumes. */
export async function encodeNifti(content: NiftiContent): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of encode(content)) pieces.push(piece);
  return Buffer.concat(pieces);
}
