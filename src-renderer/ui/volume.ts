import { UserError } from '../../src-preload/shared/domain/errors';
import type { Grid } from '../../src-preload/shared/domain/grid';

export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Mm = [number, number, number];
/** A picture of one cut, row 0 at the top: superior (anterior when axial) up, the subject's left on the left. */
export interface Cut {
  width: number;
  height: number;
  /** Flat voxel index per pixel. */
  voxels: Int32Array;
}

const warm = [
  [255, 214, 200],
  [214, 24, 16],
] as const;
const cold = [
  [200, 222, 255],
  [16, 72, 224],
] as const;

/** Blue–white–red with symmetric limits: [r, g, b, a] of 0–255; transparent below the threshold and for NaN. */
export function divergingColour(value: number, threshold: number, limit: number): [number, number, number, number] {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size < threshold || size === 0) return [0, 0, 0, 0];
  const place = Math.min(1, size / (limit || 1));
  const [from, to] = value > 0 ? warm : cold;
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + place * (to[channel] - from[channel]));
  return [mix(0), mix(1), mix(2), 255];
}

/** The pixel's voxels of a cut at index `at` of its own axis; for grids whose axes lie along x, y, z (either sign). */
export function cutVoxels({ shape, affine }: Grid, plane: Plane, at: number): Cut {
  const [across, up, fixed] = plane === 'axial' ? [0, 1, 2] : plane === 'coronal' ? [0, 2, 1] : [1, 2, 0];
  const strides = [1, shape[0], shape[0] * shape[1]];
  const [width, height] = [shape[across!]!, shape[up!]!];
  const rises = (axis: number) => affine[axis * 5]! > 0;
  const voxels = new Int32Array(width * height);
  for (let row = 0; row < height; row++) {
    const v = rises(up!) ? height - 1 - row : row;
    for (let column = 0; column < width; column++) {
      const u = rises(across!) ? column : width - 1 - column;
      voxels[row * width + column] = u * strides[across!]! + v * strides[up!]! + at * strides[fixed!]!;
    }
  }
  return { width, height, voxels };
}

const inverses = new WeakMap<Int32Array, Int32Array>();

/**
 * Where every voxel of the grid stands in a mask; −1 outside. Kept as long as the mask's voxels are: hundreds of small pictures
 * share it.
 */
export function placesInMask(voxels: Int32Array, { shape }: Grid): Int32Array {
  const known = inverses.get(voxels);
  if (known) return known;
  const places = new Int32Array(shape[0] * shape[1] * shape[2]).fill(-1);
  voxels.forEach((voxel, place) => (places[voxel] = place));
  inverses.set(voxels, places);
  return places;
}

/** The nearest voxel (i, j, k) to a point in mm, kept inside the grid; axes along x, y, z. */
export function nearestVoxel({ shape, affine }: Grid, mm: Mm): Mm {
  const one = (axis: number) => {
    const index = Math.round((mm[axis]! - affine[axis * 4 + 3]!) / affine[axis * 5]!);
    return Math.max(0, Math.min(shape[axis]! - 1, index));
  };
  return [one(0), one(1), one(2)];
}

/** A volume of the host, inflated where it is packed. @throws Error saying what the host said */
export async function fetchVolume(url: string): Promise<ReturnType<typeof parseNifti>> {
  const reply = await fetch(url);
  if (!reply.ok || !reply.body) throw new Error((await reply.text()) || `the volume is not there (${reply.status})`);
  const isPacked = new URL(url).pathname.endsWith('.gz');
  const stream = isPacked ? reply.body.pipeThrough(new DecompressionStream('gzip')) : reply.body;
  return parseNifti(await new Response(stream).arrayBuffer());
}

/** The first volume of an uncompressed little-endian float32 NIfTI-1. @throws UserError when it is anything else */
export function parseNifti(bytes: ArrayBuffer): { grid: Grid; values: Float32Array } {
  const view = new DataView(bytes);
  if (bytes.byteLength < 352 || view.getInt32(0, true) !== 348 || view.getInt16(70, true) !== 16) {
    throw new UserError({ code: 'file-kind', what: 'cannot draw the volume', expected: 'an uncompressed float32 NIfTI-1 file' });
  }
  const shape: [number, number, number] = [view.getInt16(42, true), view.getInt16(44, true), view.getInt16(46, true)];
  const affine = Array.from({ length: 12 }, (_, place) => view.getFloat32(280 + place * 4, true));
  const start = view.getFloat32(108, true);
  const count = shape[0] * shape[1] * shape[2];
  return { grid: { shape, affine: [...affine, 0, 0, 0, 1] }, values: new Float32Array(bytes.slice(start, start + count * 4)) };
}

/**
 * Paints a cut: values above the threshold in colour, the others in grey.
 * @param grey brightness of a voxel's background in [0, 255]; 0 leaves it empty
 */
export function paintCut(
  cut: Cut,
  values: (voxel: number) => number,
  grey: (voxel: number) => number,
  limits: [number, number],
): ImageData {
  const image = new ImageData(cut.width, cut.height);
  cut.voxels.forEach((voxel, pixel) => {
    const colour = divergingColour(values(voxel), ...limits);
    const brightness = colour[3] > 0 ? 0 : grey(voxel);
    image.data.set(brightness > 0 ? [brightness, brightness, brightness, 255] : colour, pixel * 4);
  });
  return image;
}

/** Draws an image scaled up without smoothing. */
export function drawScaled(context: CanvasRenderingContext2D, image: ImageData, x: number, y: number, scale: number): void {
  const small = document.createElement('canvas');
  small.width = image.width;
  small.height = image.height;
  small.getContext('2d')!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, x, y, image.width * scale, image.height * scale);
}
