import { toErrorReport, UserError } from '../../../src-preload/shared/domain/errors';
import { listEmbeddings, readEmbedding, setEmbeddingRemoved } from '../../project/queries/embeddings';
import { listRuns } from '../../project/queries/runs';
import { viewEmbeddings } from '../embedding-views';
import { planExternal } from '../external-plan';
import type { RouteHandlers } from '../requests';
import { changeWithUndo } from './undo';

export const embeddingRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `embeddings.${string}`>> = {
  'embeddings.planImport': async (input, workstation) => {
    const { maps, tables, problems, remarks } = await planExternal(
      workstation.project.project,
      input,
      new AbortController().signal,
    );
    const found = maps && {
      file: maps.file,
      method: maps.method,
      fbns: maps.header.volumes,
      voxelMm: maps.header.zooms.slice(0, 3),
    };
    return { maps: found ?? null, activations: tables, problems: problems.map(toErrorReport), remarks };
  },
  'embeddings.runs': ({ id }, workstation) => {
    const { database } = workstation.project.project;
    const inputs = readEmbedding(database, id)?.inputs;
    if (!inputs) throw new UserError({ code: 'not-found', what: `there is no embedding ${id}` });
    const names = new Map(listRuns(database).map(({ key, subject, movieRun }) => [key, `${subject} ${movieRun}`]));
    const named = (keys: readonly string[]) => keys.map((key) => names.get(key) ?? 'a run no longer here');
    return { train: named(inputs.trainRuns), validation: named(inputs.validationRuns) };
  },
  'embeddings.list': (_input, workstation) => viewEmbeddings(workstation.project.project),
  'embeddings.remove': ({ id }, workstation) => {
    const { project } = workstation.project;
    if (!listEmbeddings(project.database).some((embedding) => embedding.id === id))
      throw new UserError({ code: 'not-found', what: `there is no embedding ${id}` });
    const label = `removal of embedding ${id}`;
    changeWithUndo(project, 'embedding-removal', label, { id }, () => setEmbeddingRemoved(project.database, id, true));
    workstation.changed('embeddings', 'couplings', 'undo');
    return null;
  },
};
