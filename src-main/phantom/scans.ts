import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { unmask, type Mask } from '../fmri/mask';
import { writeNifti } from '../fmri/nifti/write';
import { RunNoise } from './noise';
import type { Random } from './random';
import { addSignals, type SubjectNetwork } from './signals';

/** Mean of a brain voxel's time series over voxels, in the arbitrary units of scanners. */
export const BASELINE = 1000;
/** Standard deviation of the noise at level 1, in the same units: tSNR 1000 / 15 ≈ 67 at level 1. */
export const NOISE_UNITS = 15;
/** Units per stored step. */
const SLOPE = 0.25;
/** MNI152 by the NIfTI standard. */
export const MNI_SPACE = 4;

/** What is written as one run. */
export interface Scan {
  path: string;
  mask: Mask;
  /** Centres of the mask's voxels in mm, [voxels × 3]. */
  places: Float32Array;
  networks: readonly SubjectNetwork[];
  /** What each network does over the run. */
  series: readonly Float32Array[];
  trSeconds: number;
  /** Noise level; 1 by default in the phantom. */
  noise: number;
  random: Random;
}

/**
 * Writes a run as int16 .nii.gz: baseline + units · (signals + noise level · noise); 0 outside the brain.
 * @param onVolume called after each volume
 */
export async function writeScan(scan: Scan, context: WorkContext, onVolume: () => void): Promise<void> {
  const count = scan.series[0]!.length;
  await writeNifti(scan.path, {
    grid: scan.mask.grid,
    volumes: drawVolumes(scan, count, context, onVolume),
    count,
    trSeconds: scan.trSeconds,
    dataType: 'int16',
    slope: SLOPE,
    description: 'phantom: generated data',
    spaceCode: MNI_SPACE,
  });
}

function* drawVolumes(scan: Scan, count: number, context: WorkContext, onVolume: () => void): Generator<Float32Array> {
  const { mask, places, networks, series, noise, random } = scan;
  const baseline = baselineOf(places);
  const values = new Float32Array(mask.voxels.length);
  const source = new RunNoise(random, places, count);
  for (let t = 0; t < count; t++) {
    throwIfCancelled(context.signal);
    source.next(values);
    for (let n = 0; n < values.length; n++) values[n]! *= noise;
    addSignals(values, networks, series, t);
    for (let n = 0; n < values.length; n++) values[n] = Math.max(0, baseline[n]! + NOISE_UNITS * values[n]!);
    yield unmask(values, mask);
    onVolume();
  }
}

/** Brighter at the rim, like cortex around white matter, and towards the front, like a receive field. */
function baselineOf(places: Float32Array): Float32Array {
  return Float32Array.from({ length: places.length / 3 }, (_, n) => {
    const [x, y, z] = [Math.abs(places[3 * n]!), places[3 * n + 1]!, places[3 * n + 2]!];
    const depth = Math.hypot((x - 31) / 33, (y + 16) / 80, (z - 16) / 52);
    return BASELINE * (0.9 + 0.15 * Math.min(1, depth) + 0.0005 * (y + 16));
  });
}
