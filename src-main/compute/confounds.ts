import type { ControlTask } from '../../src-preload/shared/contract/corrections';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { chosenConfounds } from '../coupling/controlled-series';
import { openFramesFile } from '../files/frames-file';
import type { ActivationCache } from '../project/activation-cache';
import { computeFrameFeatures } from '../stimulus/frame-features';

/**
 * The confound series that were chosen, over the time points in use; what a movie does is computed once and kept.
 * @returns [confounds, time points]
 */
export async function readConfounds(
  cache: ActivationCache,
  { key, frames, rows }: NonNullable<ControlTask['confounds']>,
  timePoints: number,
  context: WorkContext,
): Promise<Matrix> {
  const all = cache.readConfounds(key) ?? (await computeConfounds(frames, context));
  if (!cache.readConfounds(key)) cache.writeConfounds(key, all);
  return chosenConfounds(all, rows, timePoints);
}

async function computeConfounds(file: string, context: WorkContext): Promise<Matrix> {
  const frames = await openFramesFile(file);
  try {
    return await computeFrameFeatures(frames, context);
  } finally {
    await frames.close();
  }
}
