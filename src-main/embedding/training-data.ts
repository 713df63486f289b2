import { UserError } from '../../src-preload/shared/domain/errors';
import type { CheckpointDescription, Embedding } from './checkpoint';
import type { ComputationPlace } from './computation';
import type { SampleSource } from './samples';
import type { EmbeddingSettings } from './settings';

/** The samples of a training. */
export interface TrainingData {
  train: readonly SampleSource[];
  validation: readonly SampleSource[];
  /** Columns of every sample. */
  voxels: number;
  /**
   * Columns that take no part, ascending: those not valid in every run. Their weights stay 0, and they count neither in the loss nor
   * in N. Their values must be finite all the same (run files hold 0).
   */
  excludedVoxels?: Uint32Array;
}

/** @throws UserError where the samples do not fit together */
export function checkSamples({ train, validation, voxels, excludedVoxels = new Uint32Array() }: TrainingData): void {
  if (train.length === 0)
    throw new UserError({ code: 'earlier-step-missing', what: 'there is no run to train on', remedy: 'choose at least one' });
  checkVoxels([...train, ...validation], voxels);
  const ascending = excludedVoxels.every((voxel, i) => voxel < voxels && (i === 0 || voxel > excludedVoxels[i - 1]!));
  if (!ascending) throw new RangeError('excludedVoxels are not columns in ascending order');
  if (excludedVoxels.length === voxels)
    throw new UserError({
      code: 'too-little-data',
      what: 'no voxel is valid in every run',
      remedy: 'leave out the runs that have few valid voxels',
    });
}

/** @throws UserError naming the first sample with another number of voxels, or without time points */
export function checkVoxels(samples: readonly SampleSource[], voxels: number): void {
  for (const { name, voxels: found, time } of samples) {
    if (found !== voxels)
      throw new UserError({
        code: 'does-not-fit',
        what: 'a run does not have the voxels of the others',
        file: name,
        expected: `${voxels} voxels`,
        found: String(found),
        remedy: 'import all runs with the same mask',
      });
    if (time < 1) throw new UserError({ code: 'too-little-data', what: 'a run has no time points', file: name });
  }
}

/** What the checkpoints of a training say about it. */
export function describeTraining(
  { train, validation, voxels, excludedVoxels, engine, device }: TrainingData & ComputationPlace,
  settings: EmbeddingSettings,
): Omit<CheckpointDescription, 'epoch'> {
  return {
    settings,
    voxels,
    excludedVoxels: excludedVoxels?.length ?? 0,
    train: train.map(({ name, time }) => ({ name, time })),
    validation: validation.map(({ name, time }) => ({ name, time })),
    engine: engine.name,
    engineVersion: engine.version,
    device,
  };
}

/**
 * @throws UserError where a checkpoint belongs to another training: other data or other settings, the number of epochs apart, which
 * may be raised. Engine and device may change; the numbers then change in their last bits.
 */
export function checkResumable(
  { description: stored, excludedVoxels: storedExcluded }: Embedding,
  wanted: Omit<CheckpointDescription, 'epoch'>,
  excludedVoxels: Uint32Array,
  path: string,
): void {
  const refuse = (what: string, expected: unknown, found: unknown) => {
    throw new UserError({
      code: 'result-outdated',
      what: `cannot resume the training: ${what} differ`,
      file: path,
      expected: JSON.stringify(expected),
      found: JSON.stringify(found),
      remedy: 'resume with the same settings and runs, or start a new training',
    });
  };
  const names = Object.keys(wanted.settings) as (keyof EmbeddingSettings)[];
  for (const name of names)
    if (name !== 'epochs' && stored.settings[name] !== wanted.settings[name])
      refuse(`the settings (${name})`, stored.settings[name], wanted.settings[name]);
  // The cosine and the steps of the learning rate are laid over the number of epochs.
  const { epochs, schedule } = wanted.settings;
  if (schedule !== 'constant' && stored.settings.epochs !== epochs)
    refuse('the numbers of epochs', stored.settings.epochs, epochs);
  if (stored.epoch > wanted.settings.epochs) refuse('the numbers of epochs', `at least ${stored.epoch}`, wanted.settings.epochs);
  if (stored.voxels !== wanted.voxels) refuse('the numbers of voxels', stored.voxels, wanted.voxels);
  const sameExcluded = storedExcluded.length === excludedVoxels.length && storedExcluded.every((v, i) => v === excludedVoxels[i]);
  if (!sameExcluded) refuse('the excluded voxels', `${storedExcluded.length} of them`, `${excludedVoxels.length}, or others`);
  for (const part of ['train', 'validation'] as const) {
    const i = firstDifference(stored[part], wanted[part]);
    if (i >= 0) refuse(`the runs (${part})`, stored[part][i] ?? 'no more runs', wanted[part][i] ?? 'no more runs');
  }
}

function firstDifference(a: CheckpointDescription['train'], b: CheckpointDescription['train']): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i]?.name !== b[i]?.name || a[i]?.time !== b[i]?.time) return i;
  return -1;
}
