import { describeMethods, type MethodFacts, type MethodsText } from '../report/methods';
import type { Project } from '../project/project';
import { listComparisons } from '../project/queries/comparisons';
import { listCouplings } from '../project/queries/couplings';
import { listEpochs, type Embedding } from '../project/queries/embeddings';
import { readMask } from '../project/queries/masks';
import { listModels } from '../project/queries/models';
import { listMovieRuns, listMovies } from '../project/queries/movie-runs';
import { listRuns } from '../project/queries/runs';
import { listSubjects } from '../project/queries/subjects';
import { describePreparation } from './preparation';
import { programVersion } from './version';

/** The methods paragraph of an embedding and what was coupled with it. */
export function methodsOf(project: Project, embedding: Embedding): MethodsText {
  const { database } = project;
  const subjects = listSubjects(database);
  const inSplit = (split: string) => subjects.filter((subject) => subject.split === split).length;
  const runs = listRuns(database).filter((run) => run.maskIsCurrent);
  const couplings = listCouplings(database, embedding.id);
  const movies = listMovies(database).filter((movie) => couplings.some(({ movieRunId }) => movieRunId === movie.movieRunId));
  return describeMethods({
    programVersion,
    subjects: { train: inSplit('train'), validation: inSplit('validation'), test: inSplit('test') },
    movieRuns: listMovieRuns(database).flatMap(({ name, timePoints, trSeconds }) =>
      timePoints === null ? [] : [{ name, timePoints, trSeconds }],
    ),
    scans: runs.length,
    voxels: readMask(database, embedding.maskId)?.voxels ?? 0,
    preparation: [...new Set(runs.map(describePreparation))],
    embedding: {
      ...{ variant: embedding.variant, fbns: embedding.fbns, settings: embedding.settings, provenance: embedding.provenance },
      epochs: listEpochs(database, embedding.id).length,
      bestEpoch: embedding.result?.bestEpoch ?? null,
      explainedVariance: embedding.result?.explainedVariance ?? null,
    },
    frames: distinct(movies.map(({ width, height }) => ({ width, height }))),
    models: modelsOf(project, couplings),
    couplings: couplings.length,
    forms: [...new Set(couplings.map(({ reducer }) => reducer))],
    isCompared: listComparisons(database, embedding.id).length > 0,
    directions: [...new Set(couplings.map(({ direction }) => direction))],
    nulls: distinct(
      couplings.flatMap(({ correction }) =>
        correction ? [{ method: correction.method, surrogates: correction.surrogates }] : [],
      ),
    ),
  });
}

function modelsOf({ database }: Project, couplings: ReturnType<typeof listCouplings>): MethodFacts['models'] {
  return listModels(database).flatMap(({ id, name, architecture, trainedOn }) => {
    const layers = new Map(couplings.filter(({ modelId }) => modelId === id).map((one) => [one.layerId, one.filters]));
    if (layers.size === 0) return [];
    const filters = [...layers.values()].reduce((sum, count) => sum + count, 0);
    return [{ name, architecture, trainedOn, layers: layers.size, filters }];
  });
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
