import { UserError } from '../../../src-preload/shared/domain/errors';
import { listEmbeddings, setEmbeddingRemoved } from '../../project/queries/embeddings';
import { viewEmbeddings } from '../embedding-views';
import type { RouteHandlers } from '../requests';
import { changeWithUndo } from './undo';

export const embeddingRoutes: Pick<RouteHandlers, 'embeddings.list' | 'embeddings.remove'> = {
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
