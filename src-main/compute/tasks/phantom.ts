import { join } from 'node:path';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { EvaluatePhantomTask } from '../../../src-preload/shared/contract/phantom-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { ActivationMaps } from '../../embedding/quality/activation-maps';
import { SampleReader } from '../../embedding/samples';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { readMask, type Mask } from '../../fmri/mask';
import { readNiftiHeader, readVolumes } from '../../fmri/nifti/read';
import { generatePhantom } from '../../phantom/generate';
import { readPlanted } from '../../phantom/planted-file';
import { evaluateRecovery } from '../../phantom/recovery';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { RunFiles } from '../run-files';
import { controlOf } from './phantom-control';

/** Generates a phantom's raw data. */
export const generatePhantomTask: TaskHandler<'generate-phantom'> = async (input, context) => {
  const summary = await generatePhantom({ ...input, engine: onnxruntimeEngine }, context);
  const { bidsFolder, mask, model, movies, trSeconds, plantedFile, noiseDescription } = summary;
  return { bidsFolder, mask, model, movies, trSeconds, planted: plantedFile, noiseDescription };
};

/** Holds a project's FBN maps and r matrices against the planted truth. */
export const evaluatePhantomTask: TaskHandler<'evaluate-phantom'> = async (input, context) => {
  const mask = await readMask(join(input.project, input.mask));
  const { planted, maps: plantedMaps } = await readPlanted(input.planted, mask);
  const following = planted.networks.flatMap(({ name, filter }) => (filter ? [{ name, filter }] : []));
  const cache = ActivationCache.openReadOnly(input.activations);
  const correlations = input.correlations.map(({ key }) => cache.readCorrelation(key)!);
  cache.close();
  const fbnMaps = await readMaps(input.maps, mask);
  const truth = { plantedMaps, plantedFilters: following.map(({ filter }) => filter.index), correlations };
  const recovery = evaluateRecovery({ ...truth, fbnMaps });
  const byActivation = evaluateRecovery({ ...truth, fbnMaps: await activationMaps(input, mask.voxels.length, context) });
  return {
    ...{ planted: recovery.planted, recovered: recovery.recovered, alternatives: recovery.alternatives },
    strength: recovery.strength,
    byActivation: { ...byActivation.recovered, ...byActivation.strength },
    control: await controlOf(input, truth, mask.voxels.length, context),
    networks: recovery.perNetwork.map((one) => ({
      network: following[one.network]!.name,
      filter: one.plantedFilter,
      description: following[one.network]!.filter.description,
      ...{ fbn: one.fbn, mapR: one.mapCorrelation, bestFilter: one.bestFilter, fbnToFilter: one.fbnToFilter },
      ...{ bestFbn: one.bestFbn, filterToFbn: one.filterToFbn },
    })),
  };
};

/** Maps of the FBNs by their activations, over all runs given. */
async function activationMaps(input: EvaluatePhantomTask, voxels: number, context: WorkContext): Promise<Matrix> {
  const maps = new ActivationMaps(onnxruntimeEngine, input.fbns, voxels);
  const files = new RunFiles(input.project, false);
  const cache = ActivationCache.openReadOnly(input.activations);
  try {
    let done = 0;
    for await (const sample of new SampleReader(0).inOrder(await files.open(input.runs))) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'mapping the activations', done, total: input.runs.length, unit: 'runs' });
      await maps.add(sample, cache.readFbnActivation(input.embeddingKey, input.runs[done++]!.key)!);
    }
    return maps.means();
  } finally {
    cache.close();
    await files.close();
    await maps.release();
  }
}

/** The volumes of a map file at the voxels of a mask on the same grid, [maps, voxels]. */
async function readMaps(path: string, mask: Mask): Promise<Matrix> {
  const header = await readNiftiHeader(path);
  const maps = createMatrix(header.volumes, mask.voxels.length);
  let index = 0;
  for await (const volume of readVolumes(path, header)) {
    const row = matrixRow(maps, index++);
    mask.voxels.forEach((voxel, n) => (row[n] = volume[voxel]!));
  }
  return maps;
}
