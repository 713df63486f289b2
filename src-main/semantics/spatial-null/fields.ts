import { voxelSizes } from '../../fmri/affine';
import type { Mask } from '../../fmri/mask';
import type { Generator } from '../../embedding/generator';
import { GraphBuilder } from '../../onnx/graph-builder';

/** The smallest box of voxels around a mask. */
export interface Box {
  shape: readonly [number, number, number];
  /** Places of the mask's voxels in the box, x fastest: [voxels]. */
  places: Int32Array;
}

export function boxAround({ grid, voxels }: Mask): Box {
  const [nx, ny] = grid.shape;
  const index = (voxel: number) => [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))] as const;
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const voxel of voxels) {
    for (const [axis, at] of index(voxel).entries()) {
      low[axis] = Math.min(low[axis]!, at);
      high[axis] = Math.max(high[axis]!, at);
    }
  }
  const shape = [0, 1, 2].map((axis) => high[axis]! - low[axis]! + 1) as unknown as Box['shape'];
  const places = voxels.map((voxel) => {
    const [x, y, z] = index(voxel);
    return x - low[0]! + shape[0] * (y - low[1]! + shape[1] * (z - low[2]!));
  });
  return { shape, places };
}

/** Widths of the Gaussian kernels, in the smallest side of a voxel; 0 leaves the noise as it is. At 4 mm they are 0 to 21 mm wide (σ). */
export const SCALES = [0, 0.7, 1.2, 2, 3.3, 5.3] as const;

/** What smooths along one axis: [size × size], rows of length 1, so that the variance of white noise stays 1 up to the edge. */
function kernelMatrix(size: number, sigma: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let to = 0; to < size; to++) {
    let squares = 0;
    for (let from = 0; from < size; from++) {
      const weight = sigma > 0 ? Math.exp(-0.5 * ((from - to) / sigma) ** 2) : Number(from === to);
      matrix[to * size + from] = weight;
      squares += weight * weight;
    }
    for (let from = 0; from < size; from++) matrix[to * size + from]! /= Math.sqrt(squares);
  }
  return matrix;
}

/** σ of every scale along each axis, in voxels: the kernels are round in mm. */
function sigmas({ grid }: Mask): [number, number, number][] {
  const sizes = voxelSizes(grid.affine);
  const smallest = Math.min(...sizes);
  return SCALES.map((scale) => sizes.map((size) => (scale * smallest) / size) as [number, number, number]);
}

/** Semivariance of smoothed white noise of every scale at each step, over its variance: [scales][lags]. */
export function fieldVariograms(mask: Mask, steps: Int32Array): Float64Array[] {
  return sigmas(mask).map((sigma) =>
    Float64Array.from({ length: steps.length / 3 }, (_, lag) => {
      const correlation = [0, 1, 2].map((axis) => overlapOf(sigma[axis]!, Math.abs(steps[3 * lag + axis]!)));
      return 1 - correlation[0]! * correlation[1]! * correlation[2]!;
    }),
  );
}

/** How much a kernel on whole voxels overlaps with itself some voxels on; 1 at 0. */
function overlapOf(sigma: number, step: number): number {
  if (sigma === 0) return Number(step === 0);
  const weight = (at: number) => Math.exp(-0.5 * (at / sigma) ** 2);
  const reach = Math.ceil(6 * sigma);
  let shifted = 0;
  let own = 0;
  for (let at = -reach; at <= reach + step; at++) {
    shifted += weight(at) * weight(at - step);
    own += weight(at) ** 2;
  }
  return shifted / own;
}

/**
 * Smooths noise in a box, takes it at the mask's voxels, and takes each field's mean away: input `noise` [fields, z, y, x] and the
 * `scale`'s kernels, output `fields` [fields, voxels].
 */
export function smoothingGraph(box: Box): Uint8Array {
  const [nx, ny, nz] = box.shape;
  const graph = new GraphBuilder('smooth noise');
  const noise = graph.input('noise', 'float', ['fields', nz, ny, nx]);
  const alongX = graph.node('MatMul', [noise, graph.input('kernelX', 'float', [nx, nx])]);
  const alongY = graph.node('MatMul', [graph.input('kernelY', 'float', [ny, ny]), alongX]);
  const sheets = graph.node('Reshape', [alongY, graph.integers([0, nz, ny * nx])]);
  const alongZ = graph.node('MatMul', [graph.input('kernelZ', 'float', [nz, nz]), sheets]);
  const flat = graph.node('Reshape', [alongZ, graph.integers([0, nz * ny * nx])]);
  const places = graph.constant('places', [box.places.length], BigInt64Array.from(box.places, BigInt));
  const inside = graph.node('Gather', [flat, places], { axis: 1 });
  const mean = graph.node('ReduceMean', [inside, graph.integers([1])], { keepdims: 1 });
  graph.output('fields', graph.node('Sub', [inside, mean]), 'float', ['fields', box.places.length]);
  return graph.encode();
}

/** The kernels of every scale as the graph takes them; the one along x is transposed. */
export function kernelsOf(mask: Mask, { shape: [nx, ny, nz] }: Box) {
  return sigmas(mask).map(([x, y, z]) => ({
    kernelX: { type: 'float32' as const, dims: [nx, nx], data: transposed(kernelMatrix(nx, x), nx) },
    kernelY: { type: 'float32' as const, dims: [ny, ny], data: kernelMatrix(ny, y) },
    kernelZ: { type: 'float32' as const, dims: [nz, nz], data: kernelMatrix(nz, z) },
  }));
}

function transposed(matrix: Float32Array, size: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % size) * size + Math.floor(i / size)]!);
}

/** Deviation of the sum of four bytes. */
const DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/**
 * White noise of mean 0 and variance 1: sums of four uniform bytes, nearly normal and many times faster than normal numbers. What is made
 * of it here are sums over thousands of voxels, which are normal either way.
 */
export function fillWithNoise(into: Float32Array, generator: Generator): Float32Array {
  for (let i = 0; i < into.length; i++) {
    const bits = generator.nextUint32();
    into[i] = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / DEVIATION;
  }
  return into;
}
