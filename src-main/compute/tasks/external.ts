import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImportEmbeddingTask } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled, UserError } from '../../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { fbnsByTime, readActivationTables } from '../../embedding/maps/activation-files';
import { Algebra } from '../../embedding/maps/algebra';
import { writeMapsFile } from '../../embedding/maps/maps-file';
import { regressOnMaps } from '../../embedding/maps/regression';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { hashFile } from '../../files/hash';
import { readMask, type Mask } from '../../fmri/mask';
import { readNiftiHeader, readVolumes } from '../../fmri/nifti/read';
import { planResampling } from '../../fmri/resample';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { writeMaps } from './maps';

/** Brings FBN maps made elsewhere to the project's grid, and stores them with the activations that came with them. */
export const importEmbeddingTask: TaskHandler<'import-embedding'> = async (input, context) => {
  const mask = await readMask(join(input.project, input.mask));
  const { maps, outside } = await readMaps(input.source, mask, context);
  const algebra = new Algebra(onnxruntimeEngine, input.threads === null ? {} : { threads: input.threads });
  try {
    context.progress({ stage: 'preparing the regression on the maps', done: 0, total: 0, unit: 'maps' });
    const regressed = await regressOnMaps(maps, outside, algebra);
    for (const map of regressed.constant) context.warn(`map ${map} is constant inside the mask: its activation is 0`);
    const best = join(input.project, input.best);
    await mkdir(dirname(best), { recursive: true });
    await writeMapsFile(best, regressed, outside, input.method);
    await writeMaps(join(input.project, input.maps), best, mask);
  } finally {
    await algebra.release();
  }
  await storeActivations(input, context);
  const written = async (file: string) => ({ file, hash: await hashFile(join(input.project, file)) });
  return { best: await written(input.best), maps: await written(input.maps), excludedVoxels: outside.length };
};

/** Maps at the voxels of the mask, and the voxels that lie outside of the image. */
async function readMaps(source: string, mask: Mask, context: WorkContext): Promise<{ maps: Matrix; outside: Uint32Array }> {
  const header = await readNiftiHeader(source);
  const plan = planResampling(header.grid, mask.grid, mask.voxels);
  const maps = createMatrix(header.volumes, mask.voxels.length);
  let fbn = 0;
  for await (const volume of readVolumes(source, header, { signal: context.signal })) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'reading maps', done: fbn, total: header.volumes, unit: 'maps' });
    // Outside of their own mask some programs write NaN; a map has no weight there.
    for (let v = 0; v < volume.length; v++) if (!Number.isFinite(volume[v]!)) volume[v] = 0;
    const row = matrixRow(maps, fbn++);
    plan.apply(volume, { into: row });
    if (row.every((value) => value === 0)) context.warn(`map ${fbn - 1} is 0 throughout the mask`);
  }
  const ones = new Float32Array(header.grid.shape[0] * header.grid.shape[1] * header.grid.shape[2]).fill(1);
  const inside = plan.apply(ones);
  return { maps, outside: Uint32Array.from(inside.keys().filter((voxel) => inside[voxel] === 0)) };
}

async function storeActivations(input: ImportEmbeddingTask, context: WorkContext): Promise<void> {
  const cache = ActivationCache.open(join(input.project, 'activations.sqlite'));
  try {
    let done = 0;
    for (const [file, wanted] of Map.groupBy(input.activations, (one) => one.file)) {
      const tables = await readActivationTables(file);
      for (const { array, isTransposed, key } of wanted) {
        throwIfCancelled(context.signal);
        context.progress({ stage: 'reading activations', done: done++, total: input.activations.length, unit: 'tables' });
        const table = tables.find((one) => one.array === array);
        if (!table) throw new UserError({ code: 'file-changed', what: 'the file has changed while it was imported', file });
        cache.writeFbnActivation(input.embeddingKey, key, fbnsByTime(table.values, isTransposed));
      }
    }
  } finally {
    cache.close();
  }
}
