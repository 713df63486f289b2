import { couplingForm } from '../../../src-preload/shared/domain/controls';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { CoupleTask, CouplingPart } from '../../../src-preload/shared/contract/compute-tasks';
import type { CorrectionPart, CorrectionSummary } from '../../../src-preload/shared/contract/corrections';
import type { EvaluatePhantomResult } from '../../../src-preload/shared/contract/phantom-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { ActivationCache } from '../../project/activation-cache';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { storeCorrection, storeCoupling, type Correction, type Coupling, type Pair } from '../../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../../project/queries/embeddings';
import { listLayers, listModels, type Layer, type Model } from '../../project/queries/models';
import { listMovieRuns, type MovieRun } from '../../project/queries/movie-runs';
import { activationForm } from '../activation-keys';
import { currentCouplingInputs, type CouplingInputs } from '../coupling-inputs';
import { measureRecovery } from '../recovery';
import { correctionKey } from '../keys';

type Input = ParsedJobInput<'couple'>;

export interface CoupleOutput {
  embedding: number;
  /** How activations were made and what was done to them: `max` in the paper. */
  form: string;
  mode: 'paper' | 'corrected';
  couplings: (Pick<
    Coupling,
    'direction' | 'fbns' | 'filters' | 'timePoints' | 'pairs' | 'undefinedPairs' | 'meanR' | 'notSignificant'
  > & {
    model: string;
    layer: string;
    movieRun: string;
    /** null: in paper mode, or where there is no pair. */
    correction: CorrectionSummary | null;
  })[];
  /** How much of the planted truth is found, in a phantom's project. */
  recovery?: EvaluatePhantomResult;
}

/** One r matrix to compute: an embedding with one layer over one movie run. */
interface Combination {
  model: Model;
  layer: Layer;
  movieRun: MovieRun;
  task: CoupleTask['couplings'][number];
}

/** Correlates and pairs everything that is extracted, or the part of it that was asked for. */
export async function couple(input: Input, context: JobContext): Promise<CoupleOutput> {
  const { project, runTask } = context;
  const embedding = chooseEmbedding(project, input.embedding);
  const combinations = findCombinations(project, input, embedding);
  checkLags(combinations);
  const couplings: CoupleOutput['couplings'] = [];
  const correction = input.mode === 'corrected' ? { method: input.null, samples: input.samples, seed: input.seed } : null;
  const task = { activations: project.activationsFile, correction, couplings: combinations.map(({ task }) => task) };
  await runTask('couple', task, (part) => {
    const combination = combinations[part.index]!;
    const coupling = recordCoupling(project, input, embedding, combination, part);
    const { direction, fbns, filters, timePoints, pairs, undefinedPairs, meanR, notSignificant } = coupling;
    couplings.push({
      ...{ model: combination.model.name, layer: combination.layer.name, movieRun: combination.movieRun.name },
      ...{ direction, fbns, filters, timePoints, pairs, undefinedPairs, meanR, notSignificant },
      correction: part.correction?.summary ?? null,
    });
  });
  const recovery = await measureRecovery(embedding, context);
  return { embedding: embedding.id, form: formOf(input), mode: input.mode, couplings, ...(recovery && { recovery }) };
}

/** The embedding asked for, or the newest complete one. */
export function chooseEmbedding({ database }: Project, id: number | undefined): Embedding {
  const complete = listEmbeddings(database).filter((embedding) => embedding.state === 'complete');
  const chosen = id === undefined ? complete.at(-1) : complete.find((embedding) => embedding.id === id);
  if (chosen) return chosen;
  if (id === undefined)
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'the project has no trained embedding',
      remedy: 'train one with `syncact train`',
    });
  const ids = complete.map((embedding) => embedding.id).join(', ') || 'none';
  throw new UserError({ code: 'not-found', what: `there is no trained embedding ${id}`, expected: `one of ${ids}` });
}

function findCombinations(project: Project, input: Input, embedding: Embedding): Combination[] {
  const { database } = project;
  const models = listModels(database);
  const movieRuns = listMovieRuns(database);
  checkNames('model', input.models, names(models));
  checkNames('movie run', input.movieRuns, names(movieRuns));
  const isWanted = (wanted: readonly string[] | undefined) => (one: { name: string }) => wanted?.includes(one.name) ?? true;
  const inputsOf = currentCouplingInputs(project);
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    const combinations = models.filter(isWanted(input.models)).flatMap((model) =>
      listLayers(database, model.id)
        .filter(isWanted(input.layers))
        .flatMap((layer) =>
          movieRuns.filter(isWanted(input.movieRuns)).flatMap((movieRun) => {
            const identity = { embeddingId: embedding.id, layerId: layer.id, movieRunId: movieRun.id, reducer: formOf(input) };
            return combine(cache, { model, layer, movieRun }, inputsOf(identity), embedding, input) ?? [];
          }),
        ),
    );
    if (combinations.length > 0) return combinations;
  } finally {
    cache.close();
  }
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'there is nothing to couple',
    expected: 'a movie run with both scans and extracted activations',
    remedy:
      'run `syncact extract` (the same --reducer and --frames), or choose other models, layers or runs; `syncact info` shows what there is',
  });
}

/** Fewest time points that a correlation is of. */
const FEWEST_TIME_POINTS = 20;

function checkLags(combinations: readonly Combination[]): void {
  for (const { movieRun, task } of combinations) {
    if (!task.controls) continue;
    const { lags, trSeconds } = task.controls;
    if (lags.length === 0) {
      throw new UserError({
        code: 'too-little-data',
        what: `no delay of whole TRs lies in the seconds asked for in movie run ${movieRun.name}`,
        expected: `a range that holds a multiple of its TR, ${trSeconds} s`,
      });
    }
    const left = task.timePoints - Math.max(...lags);
    if (left < FEWEST_TIME_POINTS) {
      throw new UserError({
        code: 'too-little-data',
        what: `movie run ${movieRun.name} is too short for such delays`,
        expected: `at least ${FEWEST_TIME_POINTS} time points that all of them have`,
        found: `${Math.max(0, left)} of ${task.timePoints}`,
        remedy: 'choose shorter delays with --lag, or leave the run out with --runs',
      });
    }
  }
}

/** What to compute for one layer and movie run; undefined where one side is not there. */
function combine(
  cache: ActivationCache,
  which: Omit<Combination, 'task'>,
  inputs: CouplingInputs | undefined,
  embedding: Embedding,
  { directions, ...input }: Input,
): Combination | undefined {
  if (!inputs || inputs.runs.length === 0 || !cache.findFilterActivation(inputs.filterActivation)) return undefined;
  const missing = inputs.runs.filter((key) => !cache.hasFbnActivation(embedding.key, key));
  if (missing.length > 0) {
    throw new UserError({
      code: 'result-outdated',
      what: `the FBN activations of ${missing.length} scans of movie run ${which.movieRun.name} are missing`,
      expected: 'scans as they were when the embedding was trained',
      remedy: 'run `syncact train` again with the same settings: what is missing is computed, the training is not repeated',
    });
  }
  const { mode, null: method, samples, seed } = input;
  const settings = method === 'circular-shift' ? { method } : { method, samples, seed };
  const key = mode === 'corrected' ? correctionKey({ coupling: inputs.key, settings }) : null;
  return { ...which, task: { ...inputs, embeddingKey: embedding.key, directions, correctionKey: key } };
}

function recordCoupling(
  project: Project,
  input: Input,
  embedding: Embedding,
  { layer, movieRun, task }: Combination,
  part: CouplingPart,
): Omit<Coupling, 'id'> {
  const { direction, fbns, filters, timePoints, undefinedPairs, meanR, notSignificant, pairs: columns } = part;
  const { trSeconds = 0 } = task.controls ?? {};
  const pairs: Pair[] = Array.from(columns.fbn, (fbn, i) => ({
    fbn,
    filter: columns.filter[i]!,
    r: columns.r[i]!,
    p: columns.p[i]!,
    lagSeconds: columns.lag && columns.lag[i]! * trSeconds,
  }));
  const coupling = {
    ...{
      key: task.key,
      embeddingId: embedding.id,
      layerId: layer.id,
      movieRunId: movieRun.id,
      direction,
      reducer: formOf(input),
    },
    ...{ fbns, filters, timePoints, pairs: pairs.length, undefinedPairs, meanR, notSignificant },
  };
  storeCoupling(project.database, coupling, pairs);
  if (part.correction)
    recordCorrection(project, coupling, { key: task.correctionKey!, method: input.null }, pairs, part.correction);
  return coupling;
}

function formOf({ reducer, frames, ...controls }: Input): string {
  return couplingForm(activationForm(reducer, frames), controls);
}

function recordCorrection(
  { database }: Project,
  coupling: Pick<Coupling, 'key' | 'direction'>,
  which: Pick<Correction, 'key' | 'method'>,
  pairs: readonly Pair[],
  { summary, effectiveN, pEffective, pNull, q, pFamily, mutual }: CorrectionPart,
): void {
  const corrected = pairs.map(({ fbn, filter }, i) => ({
    ...{ fbn, filter, effectiveN: effectiveN[i]!, pEffective: pEffective[i]!, pNull: pNull[i]!, q: q[i]!, pFamily: pFamily[i]! },
    isMutual: mutual[i] === 1,
  }));
  storeCorrection(database, coupling, { ...which, ...summary }, corrected);
}

function names(things: readonly { name: string }[]): string[] {
  return things.map(({ name }) => name);
}

/** @throws UserError naming what is there, for a name that is not */
export function checkNames(kind: string, wanted: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = wanted?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError({
      code: 'not-found',
      what: `there is no ${kind} "${unknown}"`,
      expected: known.join(', ') || 'none yet',
    });
}
