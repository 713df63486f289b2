import type { ControlTask } from '../../src-preload/shared/contract/corrections';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { chosenConfounds } from '../coupling/controlled-series';
import { openFramesFile } from '../files/frames-file';
import type { ActivationCache } from '../project/activation-cache';
import { computeFrameFeatures } from '../stimulus/frame-features';
import { computeSoundLevel } from '../stimulus/sound-level';

/**
 * The confound series that were chosen, over the time points in use; what a movie does is computed once and kept.
 * @returns [confounds, time points]
 */
export async function readConfounds(
  cache: ActivationCache,
  { key, frames, rows, sound }: NonNullable<ControlTask['confounds']>,
  timePoints: number,
  context: WorkContext,
): Promise<Matrix> {
  const picture = rows.length > 0 ? await keptOr(cache, key, () => computeConfounds(frames, context)) : undefined;
  const level = sound ? await keptOr(cache, sound.key, () => computeSound(sound, context)) : undefined;
  return chosenConfounds(picture, rows, level, timePoints);
}

async function keptOr(cache: ActivationCache, key: string, compute: () => Promise<Matrix>): Promise<Matrix> {
  const kept = cache.readConfounds(key);
  if (kept) return kept;
  const series = await compute();
  cache.writeConfounds(key, series);
  return series;
}

async function computeSound(
  { video, ...timing }: NonNullable<NonNullable<ControlTask['confounds']>['sound']>,
  context: WorkContext,
): Promise<Matrix> {
  const data = await computeSoundLevel(video, timing, context);
  return { rows: 1, columns: data.length, data };
}

async function computeConfounds(file: string, context: WorkContext): Promise<Matrix> {
  const frames = await openFramesFile(file);
  try {
    return await computeFrameFeatures(frames, context);
  } finally {
    await frames.close();
  }
}
