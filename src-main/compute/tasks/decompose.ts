import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DecomposeTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { decompose, type DecompositionResult } from '../../embedding/decomposition/decompose';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { hashFile } from '../../files/hash';
import { readMask } from '../../fmri/mask';
import type { TaskHandler } from '../process';
import { keepBytes, RunFiles } from '../run-files';
import { writeMaps } from './maps';

/** FBNs by group ICA or dictionary learning, and their maps as an image. */
export const decomposeTask: TaskHandler<'decompose'> = async (input, context) => {
  const start = performance.now();
  const { result, excludedVoxels } = await decomposeOn(input, context);
  await writeMaps(join(input.project, input.maps), result.best, await readMask(join(input.project, input.mask)));
  const written = async (file: string) => ({ file, hash: await hashFile(join(input.project, file)) });
  const { held, passes, iterations, converged, zeros } = result;
  return {
    ...{ held, passes, iterations, converged, zeros, excludedVoxels, engineVersion: onnxruntimeEngine.version },
    best: await written(`${input.checkpoints}/best.safetensors`),
    maps: await written(input.maps),
    seconds: (performance.now() - start) / 1000,
  };
};

/** Decomposes run files of a project; goes on where the same was interrupted. */
export async function decomposeOn(
  { project, train, mask, settings, threads, checkpoints, key }: Omit<DecomposeTask, 'maps'>,
  context: WorkContext,
): Promise<{ result: DecompositionResult; excludedVoxels: number }> {
  const files = new RunFiles(project, false);
  try {
    const { voxels } = await readMask(join(project, mask));
    const samples = await files.open(train);
    const excludedVoxels = files.invalidVoxels();
    const folder = join(project, checkpoints);
    mkdirSync(folder, { recursive: true });
    const place = { engine: onnxruntimeEngine, ...(threads !== null && { threads }) };
    const request = {
      ...place,
      ...settings,
      samples,
      voxels: voxels.length,
      excludedVoxels,
      keepBytes: keepBytes(),
      folder,
      key,
    };
    return { result: await decompose(request, context), excludedVoxels: excludedVoxels.length };
  } finally {
    await files.close();
  }
}
