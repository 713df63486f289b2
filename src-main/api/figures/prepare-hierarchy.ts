import type { ModelHierarchy } from '../../../src-preload/shared/contract/comparisons';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listComparisons } from '../../project/queries/comparisons';
import type { Embedding } from '../../project/queries/embeddings';
import { hierarchyOf } from '../../report/comparison-tables';

/**
 * How deep in each model, or in one, the FBNs of an embedding are predicted.
 * @throws UserError where fewer than two layers of the model are compared
 */
export function prepareHierarchy(
  { database, folder }: Project,
  { id }: Embedding,
  model: string | undefined,
): { hierarchy: ModelHierarchy[]; comparisons: string[] } {
  const comparisons = listComparisons(database, id).filter((one) => model === undefined || one.model === model);
  const hierarchy = hierarchyOf(comparisons).filter(({ fbns }) => fbns.length > 0);
  if (hierarchy.length > 0) return { hierarchy, comparisons: comparisons.map(({ key }) => key) };
  throw new UserError({
    code: 'earlier-step-missing',
    what: `how deep ${model ?? 'a model'} predicts the FBNs of embedding ${id} is not known yet`,
    file: folder,
    expected: 'two layers or more of a model, over two movie runs or more, that are compared',
    remedy: 'run `syncact compare`, or press "Compare layers" in Coupling',
  });
}
