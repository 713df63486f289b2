import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { analyseLayer, type AnalysedRun } from '../../coupling/analyse-layer';
import { openFramesFile } from '../../files/frames-file';
import { ActivationCache } from '../../project/activation-cache';
import { computeFrameFeatures, frameFeatures } from '../../stimulus/frame-features';
import type { TaskHandler } from '../process';

/** Analyses layers one after the other; what a movie does is read once. */
export const analyseTask: TaskHandler<'analyse'> = async ({ activations, layers, seed }, context) => {
  const cache = ActivationCache.openReadOnly(activations);
  const features = new Map<string, Matrix>();
  try {
    for (const [index, { embeddingKey, runs }] of layers.entries()) {
      throwIfCancelled(context.signal);
      const analysed: AnalysedRun[] = [];
      for (const run of runs) {
        const confounds = run.frames === null ? null : await featuresOf(run.frames, features, context);
        analysed.push({
          movieRun: run.movieRun,
          subjects: run.scans.map((scan) => firstPoints(cache.readFbnActivation(embeddingKey, scan)!, run.timePoints)),
          filters: firstPoints(cache.readFilterActivation(run.filterActivation)!, run.timePoints),
          confounds: confounds && { names: frameFeatures, series: firstPoints(confounds, run.timePoints) },
        });
      }
      context.part({ index, analysis: await analyseLayer(analysed, seed) });
      context.progress({ stage: 'analysing pairs', done: index + 1, total: layers.length, unit: 'layers' });
    }
  } finally {
    cache.close();
  }
  return null;
};

async function featuresOf(file: string, known: Map<string, Matrix>, context: WorkContext): Promise<Matrix> {
  const found = known.get(file);
  if (found) return found;
  const frames = await openFramesFile(file);
  try {
    const computed = await computeFrameFeatures(frames, context);
    known.set(file, computed);
    return computed;
  } finally {
    await frames.close();
  }
}

function firstPoints(matrix: Matrix, timePoints: number): Matrix {
  if (matrix.columns === timePoints) return matrix;
  const cut = createMatrix(matrix.rows, timePoints);
  for (let row = 0; row < matrix.rows; row++) matrixRow(cut, row).set(matrixRow(matrix, row).subarray(0, timePoints));
  return cut;
}
