import { toErrorReport, UserError } from '../../../src-preload/shared/domain/errors';
import { listEmbeddings, setEmbeddingRemoved } from '../../project/queries/embeddings';
import { viewEmbeddings } from '../embedding-views';
import { planExternal } from '../external-plan';
import type { RouteHandlers } from '../requests';
import { checkPaths } from './jobs';
import { changeWithUndo } from './undo';

export const embeddingRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `embeddings.${string}`>> = {
  'embeddings.planImport': async (input, workstation) => {
    checkPaths(input, workstation);
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
  'embeddings.list': (_input, workstation) => viewEmbeddings(workstation.project.project),
  'embeddings.remove': ({ id }, workstation) => {
    const { project } = workstation.project;
    if (!listEmbeddings(project.database).some((embedding) => embedding.id === id))
      throw new UserError({ what: `there is no embedding ${id}` });
    const label = `removal of embedding ${id}`;
    changeWithUndo(project, 'embedding-removal', label, { id }, () => setEmbeddingRemoved(project.database, id, true));
    workstation.changed('embeddings', 'couplings', 'undo');
    return null;
  },
};
