import type { AnalyseTask, LayerAnalysis } from '../../../src-preload/shared/contract/analyses';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { listAnalyses, storeAnalysis } from '../../project/queries/analyses';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import { listModels } from '../../project/queries/models';
import { listMovies } from '../../project/queries/movie-runs';
import { currentCouplingInputs } from '../coupling-inputs';
import { analysisKey } from '../keys';
import { checkNames, chooseEmbedding } from './couple';

export interface AnalyseOutput {
  embedding: number;
  layers: { model: string; layer: string; analysis: LayerAnalysis }[];
}

/** Analyses every layer that is coupled FBN → filter; what is there from the same inputs is not computed again. */
export async function analyse(
  { embedding: wanted, models, seed }: ParsedJobInput<'analyse'>,
  { project, runTask }: JobContext,
): Promise<AnalyseOutput> {
  const { database } = project;
  const embedding = chooseEmbedding(project, wanted);
  checkNames(
    'model',
    models,
    listModels(database).map(({ name }) => name),
  );
  const couplings = listCouplings(database, embedding.id).filter(
    ({ direction, reducer, model }) => direction === 'fbn-to-filter' && reducer === 'max' && (models?.includes(model) ?? true),
  );
  if (couplings.length === 0) {
    const what = `nothing ${models ? `of ${models.join(', ')} ` : ''}is coupled FBN → filter with embedding ${embedding.id} yet`;
    throw new UserError({ code: 'earlier-step-missing', what, remedy: 'run `syncact couple`' });
  }
  const inputsOf = currentCouplingInputs(project);
  const movies = new Map(listMovies(database).map((movie) => [movie.movieRunId, movie]));
  const known = new Map(listAnalyses(database, embedding.id).map(({ layerId, key }) => [layerId, key]));
  const toRun = (coupling: NamedCoupling): AnalyseTask['layers'][number]['runs'] => {
    const inputs = inputsOf(coupling);
    if (!inputs) return [];
    const { runs: scans, filterActivation, timePoints } = inputs;
    const frames = movies.get(coupling.movieRunId)?.file;
    return [
      { ...{ movieRun: coupling.movieRun, scans, filterActivation, timePoints }, frames: frames ? project.path(frames) : null },
    ];
  };
  const layers = [...Map.groupBy(couplings, ({ layerId }) => layerId)].flatMap(([layerId, own]) => {
    const runs = own.flatMap(toRun);
    const key = analysisKey({ embedding: embedding.key, runs, seed });
    return runs.length === 0 || known.get(layerId) === key ? [] : [{ layerId, key, embeddingKey: embedding.key, runs }];
  });
  await runTask('analyse', { activations: project.activationsFile, seed, layers }, ({ index, analysis }) => {
    const { layerId, key } = layers[index]!;
    storeAnalysis(database, embedding.id, { layerId, key, analysis });
  });
  const analyses = listAnalyses(database, embedding.id).filter(({ model }) => models?.includes(model) ?? true);
  return { embedding: embedding.id, layers: analyses.map(({ model, layer, analysis }) => ({ model, layer, analysis })) };
}
