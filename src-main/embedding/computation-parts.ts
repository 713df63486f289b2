import type { LatentModel } from './latent/model';

/* What the computations of all engines have in common. */

/** Memory that the samples of one group may take; a fixed number, since the grouping decides the last bits. */
const GROUP_BYTES = 2 ** 30;
const LARGEST_GROUP = 16;

/** `groupSize` of every engine. */
export function groupSize({ batched }: LatentModel, batch: number, time: number, voxels: number): number {
  if (!batched) return 1;
  return Math.max(1, Math.min(batch, LARGEST_GROUP, Math.floor(GROUP_BYTES / (time * voxels * 4))));
}

/** ⟨a, b⟩ summed in float64. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
