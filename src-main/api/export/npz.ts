import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { fbnMaps } from '../../embedding/encode';
import { readMask } from '../../fmri/mask';
import type { NpyContent } from '../../files/npy';
import { writeNpz } from '../../files/npz';
import type { Project } from '../../project/project';
import { readMask as readMaskRecord } from '../../project/queries/masks';
import { chooseEmbedding } from '../jobs/couple';
import { withSources, type ExportSources } from './sources';

/**
 * Writes the arrays of an embedding into one .npz: `maps` [fbns, voxels], `voxels` [voxels] (index in the grid, x fastest), `shape`
 * and `affine` of the grid, `fbn/SUBJECT/RUN` [fbns, time] (`mean` for a mean over subjects), `filter/MODEL/LAYER/RUN` [filters, time].
 * @returns the names written
 */
export async function exportNpz(
  project: Project,
  file: string,
  choice: { embedding?: number | undefined; filters: boolean },
  context: WorkContext,
): Promise<{ file: string; arrays: string[] }> {
  const embedding = chooseEmbedding(project, choice.embedding);
  const arrays: string[] = [];
  await withSources(project, embedding, async (sources) => {
    const all = choice.filters ? sources : { ...sources, filters: [] };
    await writeNpz(file, named(project, all, arrays, context));
  });
  return { file, arrays };
}

async function* named(
  project: Project,
  { embedding, fbns, filters }: ExportSources,
  names: string[],
  context: WorkContext,
): AsyncGenerator<readonly [string, NpyContent]> {
  const total = 1 + fbns.length + filters.length;
  const tell = (stage: string) => {
    throwIfCancelled(context.signal);
    context.progress({ stage, done: names.length, total, unit: 'arrays' });
  };
  const array = (name: string, content: NpyContent) => {
    names.push(name);
    return [name, content] as const;
  };
  const mask = await readMask(project.path(readMaskRecord(project.database, embedding.maskId)!.file));
  const maps = await fbnMaps(project.path(embedding.result!.best.file));
  yield array('maps', { shape: [maps.rows, maps.columns], data: maps.data });
  yield array('voxels', { shape: [mask.voxels.length], data: Int32Array.from(mask.voxels) });
  yield array('shape', { shape: [3], data: Int32Array.from(mask.grid.shape) });
  yield array('affine', { shape: [4, 4], data: Float64Array.from(mask.grid.affine) });
  for (const { subject, movieRun, read } of fbns) {
    tell(`FBN activations, ${subject ?? 'mean'} ${movieRun}`);
    const { rows, columns, data } = read();
    yield array(`fbn/${subject ?? 'mean'}/${movieRun}`, { shape: [rows, columns], data });
  }
  for (const { model, layer, movieRun, read } of filters) {
    tell(`filter activations, ${model} ${layer} ${movieRun}`);
    const { rows, columns, data } = read();
    yield array(`filter/${model}/${layer}/${movieRun}`, { shape: [rows, columns], data });
  }
}
