import { NO_SAMPLE, NO_VOXEL, STEPS_PER_DEVIATION } from '../../../src-preload/shared/contract/report-page';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { toZScores } from '../../coupling/series';

/** A map in 255 steps. */
export interface QuantisedMap {
  /** [voxels] */
  steps: Int8Array;
  /** Value of one step: no value is further from its own than half of it. */
  step: number;
  /** The 99th percentile of the map's size: where colours end. */
  limit: number;
}

/** A map [voxels] in whole steps of a 127th of its largest size; NaN becomes NO_VOXEL. */
export function quantiseMap(map: Float32Array): QuantisedMap {
  const sizes = map
    .filter((value) => Number.isFinite(value))
    .map(Math.abs)
    .sort();
  const step = (sizes.at(-1) ?? 0) / 127 || 1;
  return {
    steps: Int8Array.from(map, (value) => (Number.isFinite(value) ? Math.round(value / step) : NO_VOXEL)),
    step,
    limit: sizes[Math.floor(0.99 * (sizes.length - 1))] || 1,
  };
}

/** Series [series, time] as z-scores in thousandths; NO_SAMPLE throughout where a series is constant or not finite. */
export function quantiseSeries(series: Matrix): Int16Array {
  const steps = new Int16Array(series.rows * series.columns).fill(NO_SAMPLE);
  for (let row = 0; row < series.rows; row++) {
    const z = toZScores(matrixRow(series, row));
    z?.forEach((value, t) => {
      const scaled = Math.round(value * STEPS_PER_DEVIATION);
      steps[row * series.columns + t] = Math.max(NO_SAMPLE + 1, Math.min(-NO_SAMPLE - 1, scaled));
    });
  }
  return steps;
}

/** A mask as one bit a voxel of its grid, the lowest bit of a byte first. */
export function packMask(voxels: Int32Array, total: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(total / 8));
  for (const voxel of voxels) bits[voxel >> 3]! |= 1 << (voxel & 7);
  return bits;
}
