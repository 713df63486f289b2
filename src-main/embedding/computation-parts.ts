import type { LoadedSample, SampleGroup } from './samples';

/* What the computations of all engines have in common. */

/** Memory that the samples of one group may take; a fixed number, since the grouping decides the last bits. */
const GROUP_BYTES = 2 ** 30;
const LARGEST_GROUP = 16;

/**
 * `groupSize` of every engine.
 * @param most samples taken together; as many as memory allows where left out
 */
export function groupSize(most: number | undefined, batch: number, time: number, voxels: number): number {
  return Math.max(1, Math.min(batch, most ?? LARGEST_GROUP, Math.floor(GROUP_BYTES / (time * voxels * 4))));
}

/** A group's samples in chunks, which are handed on as soon as they are whole. */
export async function* inChunks(group: SampleGroup, size: number): AsyncGenerator<LoadedSample[]> {
  let chunk: LoadedSample[] = [];
  for await (const sample of group) {
    chunk.push(sample);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** ⟨a, b⟩ summed in float64. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
