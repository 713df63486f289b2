import type { CompareTask, LayerComparison } from '../../../src-preload/shared/contract/comparisons';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { listComparisons, storeComparison } from '../../project/queries/comparisons';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import { currentCouplingInputs } from '../coupling-inputs';
import { comparisonKey } from '../keys';
import { chooseEmbedding } from './couple';

export interface CompareOutput {
  embedding: number;
  layers: { model: string; layer: string; comparison: LayerComparison }[];
}

/** Compares every layer that is coupled, as a whole, with the FBNs; what is there from the same inputs is not computed again. */
export async function compare(
  { embedding: wanted, models }: ParsedJobInput<'compare'>,
  { project, runTask }: JobContext,
): Promise<CompareOutput> {
  const { database } = project;
  const embedding = chooseEmbedding(project, wanted);
  const couplings = listCouplings(database, embedding.id).filter(
    ({ direction, reducer, model }) => direction === 'fbn-to-filter' && reducer === 'max' && (models?.includes(model) ?? true),
  );
  if (couplings.length === 0) {
    throw new UserError({
      code: 'earlier-step-missing',
      what: `nothing is coupled with embedding ${embedding.id} yet`,
      remedy: 'run `syncact couple`',
    });
  }
  const inputsOf = currentCouplingInputs(project);
  const known = new Map(listComparisons(database, embedding.id).map(({ layerId, key }) => [layerId, key]));
  const toRun = (coupling: NamedCoupling): CompareTask['layers'][number]['runs'] => {
    const inputs = inputsOf(coupling);
    if (!inputs) return [];
    const { runs: scans, filterActivation, timePoints } = inputs;
    return [{ movieRun: coupling.movieRun, scans, filterActivation, timePoints }];
  };
  const layers = [...Map.groupBy(couplings, ({ layerId }) => layerId)].flatMap(([layerId, own]) => {
    const runs = own.flatMap(toRun);
    const key = comparisonKey({ embedding: embedding.key, runs });
    return runs.length === 0 || known.get(layerId) === key ? [] : [{ layerId, key, embeddingKey: embedding.key, runs }];
  });
  await runTask('compare', { activations: project.activationsFile, layers }, ({ index, comparison }) => {
    const { layerId, key } = layers[index]!;
    storeComparison(database, embedding.id, { layerId, key, comparison });
  });
  const all = listComparisons(database, embedding.id).filter(({ model }) => models?.includes(model) ?? true);
  return { embedding: embedding.id, layers: all.map(({ model, layer, comparison }) => ({ model, layer, comparison })) };
}
