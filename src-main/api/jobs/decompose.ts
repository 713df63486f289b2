import type { DecomposeResult, DecomposeSettings } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { beginEmbedding, completeEmbedding, findEmbedding, type Embedding } from '../../project/queries/embeddings';
import { currentMask } from '../../project/queries/masks';
import { decompositionKey } from '../keys';
import { assessFbns } from './assess';
import { chooseRuns, encodeMissing, toTaskRun } from './encode-missing';
import { filesExist, trainingFiles } from './train-record';

type Input = ParsedJobInput<'decompose'>;
const engine = 'onnxruntime';

export interface DecomposeOutput {
  embedding: number;
  method: Input['method'];
  fbns: number;
  seed: number;
  /** Share of the training runs' variance that the principal components hold. */
  held: number;
  passes: number;
  iterations: number;
  converged: boolean;
  /** Dictionary: share of the maps' values that are 0. */
  zeros: number | null;
  seconds: number;
  /** The FBN maps, a 4D NIfTI file. */
  maps: string;
  testSubjects: string[];
  alreadyThere: boolean;
}

/** What is kept of how it went. */
type Course = Pick<DecomposeOutput, 'held' | 'passes' | 'iterations' | 'converged' | 'zeros' | 'seconds'>;

/**
 * FBNs of the training runs by group ICA or dictionary learning; activations of the test runs by dual regression. Same settings and
 * runs, no recomputation; an interrupted one goes on. It is recorded when it is whole.
 */
export async function decompose(input: Input, context: JobContext): Promise<DecomposeOutput> {
  const { project, runTask, warn } = context;
  const { database } = project;
  const { train, test } = chooseRuns(project, warn);
  const mask = currentMask(database)!;
  const { method, fbns, seed, sparsity } = input;
  // Group ICA has no sparsity: it decides nothing there.
  const decisive = { fbns, seed, ...(method === 'dictionary' && { sparsity }) };
  const trainRuns = train.map((run) => run.key);
  const key = decompositionKey({ method, settings: decisive, maskHash: mask.hash, trainRuns, engine });
  const known = findEmbedding(database, key);
  const isThere = known?.state === 'complete' && filesExist(project, known);
  const parts = { key, variant: method, fbns, maskId: mask.id, settings: decisive, inputs: { trainRuns, validationRuns: [] } };
  let embedding: Embedding;
  if (isThere) embedding = beginEmbedding(database, { ...parts, provenance: known.provenance });
  else {
    const settings: DecomposeSettings = { method, fbns, seed, sparsity };
    const result = await runTask('decompose', {
      ...{ project: project.folder, mask: mask.file, train: train.map(toTaskRun), settings, key },
      ...{ threads: input.threads ?? null, ...trainingFiles(key) },
    });
    embedding = database.transaction(() => record(context, parts, result, input))();
  }
  const encoded = await encodeMissing(embedding, test, { engine, device: 'cpu' }, context);
  await assessFbns(encoded, context);
  const { maps, testSubjects } = encoded.result!;
  const { held, passes, iterations, converged, zeros, seconds } = encoded.provenance as unknown as Course;
  return {
    ...{ embedding: encoded.id, method, fbns, seed, held, passes, iterations, converged, zeros, seconds },
    ...{ maps: project.path(maps.file), testSubjects, alreadyThere: isThere },
  };
}

function record(
  { project: { database } }: JobContext,
  parts: Omit<Parameters<typeof beginEmbedding>[1], 'provenance'>,
  { best, maps, ...course }: DecomposeResult,
  { seed, threads }: Input,
): Embedding {
  const device = { requested: 'cpu', actual: 'cpu' };
  const provenance = { engine, provider: 'cpu', device, seed, threads: threads ?? null, ...course };
  const { id } = beginEmbedding(database, { ...parts, provenance });
  const unknown = { bestEpoch: null, secondsPerEpoch: null, last: null, explainedVariance: null };
  completeEmbedding(database, id, { ...unknown, best, maps, testSubjects: [] }, provenance);
  return findEmbedding(database, parts.key)!;
}
