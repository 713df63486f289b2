import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { readEncoder } from './checkpoint';
import { createComputation, type ComputationPlace } from './computation';
import { SampleReader, SumsOfSquares, type SampleSource } from './samples';
import { checkVoxels } from './training-data';

/** What encoding is given. */
export interface EncodingRequest extends ComputationPlace {
  /** Any checkpoint of an embedding, as a rule best.safetensors. */
  checkpoint: string;
  samples: readonly SampleSource[];
}

/** What an embedding gives for one run. */
export interface EncodedRun {
  /** Lᵀ, [fbns, time]. */
  activations: Matrix;
  /** 1 − ‖S' − S‖² / ‖S‖² over the voxels that take part: the share of the run's variance that the embedding reconstructs. */
  explainedVariance: number;
}

/**
 * FBN activations L of each run, and how well the run is reconstructed.
 * @param onRun called in the order of the samples, awaited before the next run
 * @throws UserError where the checkpoint cannot be read or a run has other voxels
 */
export async function encodeRuns(
  { checkpoint, samples, ...place }: EncodingRequest,
  context: WorkContext,
  onRun: (index: number, run: EncodedRun) => void | Promise<void>,
): Promise<void> {
  const embedding = await readEncoder(checkpoint);
  const { settings, voxels, excludedVoxels } = embedding;
  checkVoxels(samples, voxels);
  const computation = createComputation(place, { ...settings, voxels });
  const sums = new SumsOfSquares(excludedVoxels);
  try {
    await computation.prepare(embedding);
    let index = 0;
    for await (const sample of new SampleReader(0).inOrder(samples)) {
      throwIfCancelled(context.signal);
      context.progress({ stage: `encoding ${sample.source.name}`, done: index, total: samples.length, unit: 'runs' });
      const { activations: data, cross, quadratic } = await computation.encode(embedding, sample);
      const explainedVariance = (2 * cross - quadratic) / sums.of(sample);
      await onRun(index++, { activations: { rows: settings.fbns, columns: sample.source.time, data }, explainedVariance });
    }
  } finally {
    await computation.release();
  }
}

/**
 * Mean activation over subjects who saw the same movie run.
 * @param activations one matrix [fbns, time] per subject
 * @throws UserError where their lengths differ
 */
export function averageOverSubjects(activations: readonly Matrix[]): Matrix {
  const [first] = activations;
  if (!first)
    throw new UserError({
      code: 'too-little-data',
      what: 'there is no subject to average over',
      remedy: 'choose at least one test subject',
    });
  const sum = new Float64Array(first.data.length);
  for (const { rows, columns, data } of activations) {
    if (rows !== first.rows || columns !== first.columns)
      throw new UserError({
        code: 'does-not-fit',
        what: 'runs of different length cannot be averaged over subjects',
        expected: `${first.rows} FBNs × ${first.columns} time points`,
        found: `${rows} × ${columns}`,
        remedy: 'cut the runs of one movie run to the same length when importing them',
      });
    for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
  }
  return { rows: first.rows, columns: first.columns, data: Float32Array.from(sum, (value) => value / activations.length) };
}

/**
 * The maps of the FBNs of a checkpoint: row i is column i of W. Those of maps that were not trained are what they were made as.
 * @returns [fbns, voxels]; NaN at voxels that took no part
 */
export async function fbnMaps(checkpoint: string): Promise<Matrix> {
  const { settings, voxels, theta, excludedVoxels, maps } = await readEncoder(checkpoint);
  const { fbns } = settings;
  const data = theta.slice(maps.firstRow * voxels, (maps.firstRow + fbns) * voxels);
  for (let fbn = 0; fbn < fbns; fbn++) {
    const row = data.subarray(fbn * voxels, (fbn + 1) * voxels);
    const offset = maps.offsets[fbn]!;
    if (offset !== 0) for (let v = 0; v < voxels; v++) row[v]! += offset;
    for (const voxel of excludedVoxels) row[voxel] = NaN;
  }
  return { rows: fbns, columns: voxels, data };
}
