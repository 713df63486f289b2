import type { EvaluatePhantomResult, EvaluatePhantomTask } from '../../../src-preload/shared/contract/phantom-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { correlate } from '../../coupling/correlate';
import { createEngineProduct } from '../../coupling/product';
import { Generator } from '../../embedding/generator';
import { sampleAsFloat32, SampleReader, type SampleSource } from '../../embedding/samples';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { evaluateRecovery, type Recovery, type RecoveryRequest } from '../../phantom/recovery';
import { ActivationCache } from '../../project/activation-cache';
import { RunFiles } from '../run-files';
import { cutTime } from './couple';

/** Draws that a control is a mean over. */
const CONTROL_DRAWS = 3;

/**
 * Recovery with random maps in the place of the FBNs', activations S Wᵀ and all that follows: what an embedding that has learned
 * nothing finds. A mean over several draws.
 */
export async function controlOf(
  input: EvaluatePhantomTask,
  truth: Pick<RecoveryRequest, 'plantedMaps' | 'plantedFilters'>,
  voxels: number,
  context: WorkContext,
): Promise<EvaluatePhantomResult['control']> {
  const draws = Array.from({ length: CONTROL_DRAWS }, (_, draw) => randomMaps(input.fbns, voxels, draw));
  const { product, release } = await createEngineProduct(onnxruntimeEngine);
  const files = new RunFiles(input.project, false);
  const cache = ActivationCache.openReadOnly(input.activations);
  const correlations: Matrix[][] = draws.map(() => []);
  try {
    for (const { runs, filterActivation, timePoints } of input.correlations) {
      const filters = cutTime(cache.readFilterActivation(filterActivation)!, timePoints);
      const scans = await files.open(input.runs.filter(({ key }) => runs.includes(key)));
      // Maps are linear: the activations' sum over scans is that of the scans' sum.
      const volumes = await sumOfScans(scans, timePoints, context);
      for (const [draw, maps] of draws.entries()) {
        correlations[draw]!.push(await correlate(await product(maps, volumes), filters, { product }));
      }
    }
  } finally {
    cache.close();
    await files.close();
    await release();
  }
  const found = draws.map((fbnMaps, draw) => evaluateRecovery({ ...truth, fbnMaps, correlations: correlations[draw]! }));
  const mean = (value: (one: Recovery) => number) => found.reduce((sum, one) => sum + value(one), 0) / found.length;
  return {
    ...{ fbnToFilter: mean((one) => one.recovered.fbnToFilter), filterToFbn: mean((one) => one.recovered.filterToFbn) },
    ...{ mapR: mean((one) => one.strength.mapR), filterR: mean((one) => one.strength.filterR) },
  };
}

/** The first time points of all scans, added up: [time × voxels]. */
async function sumOfScans(scans: SampleSource[], timePoints: number, { signal, progress }: WorkContext): Promise<Matrix> {
  const sum = createMatrix(timePoints, scans[0]!.voxels);
  let done = 0;
  for await (const sample of new SampleReader(0).inOrder(scans)) {
    throwIfCancelled(signal);
    progress({ stage: 'comparing with random maps', done: done++, total: scans.length, unit: 'runs' });
    const values = sampleAsFloat32(sample);
    for (let i = 0; i < sum.data.length; i++) sum.data[i]! += values[i]!;
  }
  return sum;
}

function randomMaps(fbns: number, voxels: number, seed: number): Matrix {
  const generator = Generator.fromSeed(seed);
  return { rows: fbns, columns: voxels, data: Float32Array.from({ length: fbns * voxels }, () => generator.nextSymmetric()) };
}
