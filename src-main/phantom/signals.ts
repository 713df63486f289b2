import type { Place } from './brain';
import { drawMap, type Network } from './networks';
import type { Random } from './random';

/**
 * Standard deviation of a network's signal that all subjects share, at the centre of a blob, in units of the noise at `noise` 1.
 * At `noise` 1 it explains 18 % of the variance of a voxel there, and about a tenth of that of the network's voxels on average.
 */
export const SHARED_AMPLITUDE = 0.5;
/** Standard deviation of what a network does in one subject alone, relative to the shared signal. */
export const OWN_AMPLITUDE = 0.8;
/** How far a network lies from its place in one subject: standard deviation in mm along each axis. */
export const PLACE_JITTER = 3;
/** Standard deviation of a network's strength over subjects, around 1. */
export const STRENGTH_JITTER = 0.2;
/** Width of the Gaussian that smooths random time series, in TRs. */
const SMOOTHING = 1.5;

/** What the networks of one subject are like; the same in all runs. */
export interface SubjectNetwork {
  /** Voxels of the network in this subject, as indices into the mask, and its map there times its strength. */
  voxels: Int32Array;
  values: Float32Array;
}

/** Displaces every network and makes it stronger or weaker. @param places centres of the voxels in mm, [voxels × 3] */
export function createSubject(random: Random, networks: readonly Network[], places: Float32Array): SubjectNetwork[] {
  return networks.map(({ blobs }) => {
    const shift: Place = [random.normal() * PLACE_JITTER, random.normal() * PLACE_JITTER, random.normal() * PLACE_JITTER];
    const strength = Math.max(0.3, 1 + STRENGTH_JITTER * random.normal());
    const map = drawMap(places, blobs, shift);
    const voxels = Int32Array.from(map.keys().filter((n) => map[n]! > 0));
    return { voxels, values: Float32Array.from(voxels, (n) => map[n]! * strength) };
  });
}

/**
 * What a subject's networks do in one run: the series all subjects share plus the subject's own, in units of the noise.
 * @param shared one series per network, z-scored
 */
export function createSubjectSeries(random: Random, shared: readonly Float32Array[]): Float32Array[] {
  return shared.map((series) => {
    const own = smoothSeries(random, series.length);
    return series.map((value, t) => SHARED_AMPLITUDE * (value + OWN_AMPLITUDE * own[t]!));
  });
}

/** Adds the networks of a subject at time t to a volume, one value per mask voxel. */
export function addSignals(
  into: Float32Array,
  networks: readonly SubjectNetwork[],
  series: readonly Float32Array[],
  t: number,
): void {
  networks.forEach(({ voxels, values }, k) => {
    const level = series[k]![t]!;
    for (let i = 0; i < voxels.length; i++) into[voxels[i]!]! += level * values[i]!;
  });
}

/** White noise smoothed over time, z-scored. */
export function smoothSeries(random: Random, length: number): Float32Array {
  const reach = Math.ceil(4 * SMOOTHING);
  const noise = Float64Array.from({ length: length + 2 * reach }, () => random.normal());
  return zScored(
    Float32Array.from({ length }, (_, t) => {
      let sum = 0;
      for (let lag = -reach; lag <= reach; lag++) sum += noise[t + reach + lag]! * Math.exp(-0.5 * (lag / SMOOTHING) ** 2);
      return sum;
    }),
  );
}

/** A series of mean 0 and variance 1; zeros where it is constant. */
export function zScored(series: ArrayLike<number>): Float32Array {
  const values = Array.from(series);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return Float32Array.from(values, (value) => (deviation > 0 ? (value - mean) / deviation : 0));
}
