import type { EmbeddingQuality } from '../../../src-preload/shared/contract/quality';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { DecomposeSettings, SplitHalfTask, TrainSettings } from '../../../src-preload/shared/contract/compute-tasks';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { Generator } from '../../embedding/generator';
import type { JobContext } from '../../jobs/queue';
import type { Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { readMeasure, storeMeasure } from '../../project/queries/measures';
import { listRuns, type Run } from '../../project/queries/runs';
import { assessmentKey, splitHalfKey } from '../keys';
import { encodedRuns } from '../encoded-runs';
import { measuredEmbedding } from '../quality';
import { chooseEmbedding } from './couple';
import { toTaskRun } from './encode-missing';
import { trainingFiles } from './train-record';

type Input = ParsedJobInput<'assess'>;

export interface AssessOutput {
  embedding: number;
  quality: EmbeddingQuality;
}

/** Measures the FBNs of an embedding; what is measured already from the same runs is not measured again. */
export async function assess(input: Input, context: JobContext): Promise<AssessOutput> {
  const { project } = context;
  const embedding = chooseEmbedding(project, input.embedding);
  await assessFbns(embedding, context);
  if (input.splitHalf) await compareHalves(embedding, input, context);
  return { embedding: embedding.id, quality: measuredEmbedding(project, embedding)!.quality };
}

/** Explained variance, inter-subject correlation and concentration, by the test runs that are encoded. */
export async function assessFbns(embedding: Embedding, { project, runTask }: JobContext): Promise<void> {
  const { database } = project;
  const runs = encodedRuns(project, embedding);
  if (runs.length === 0 && !embedding.result?.imported) {
    throw new UserError({
      code: 'earlier-step-missing',
      what: `there are no FBN activations of embedding ${embedding.id} to measure it by`,
      remedy: 'run `syncact train` again with the same settings: what is missing is computed, the training is not repeated',
    });
  }
  const key = assessmentKey({
    embedding: embedding.key,
    runs: runs.map((run) => [run.key, run.timePoints, ...(run.subject === null ? [run.name] : [])]),
  });
  if (readMeasure(database, embedding.id, 'assessment')?.key === key) return;
  const { explainedTogether, ...columns } = await runTask('assess', {
    ...{ project: project.folder, mask: readMask(database, embedding.maskId)!.file, best: embedding.result!.best.file },
    ...{ embeddingKey: embedding.key, fbns: embedding.fbns },
    runs,
  });
  const totals = { together: explainedTogether };
  storeMeasure(database, 'assessment', { embeddingId: embedding.id, key, totals, columns: withNulls(columns) });
}

/** Split-half reproducibility: two trainings with the embedding's settings, each on half of the training subjects. */
async function compareHalves(embedding: Embedding, input: Input, { project, runTask }: JobContext): Promise<void> {
  const { database } = project;
  if (embedding.variant === 'external') {
    throw new UserError({
      code: 'setting-invalid',
      what: `embedding ${embedding.id} was made elsewhere and cannot be trained on halves of the subjects`,
      remedy: 'choose one that was trained here',
    });
  }
  const settings = settingsOf(embedding);
  const wanted = (keys: readonly string[]) => listRuns(database).filter((run) => keys.includes(run.key));
  const halves = halvesOf(wanted(embedding.inputs.trainRuns), settings.seed);
  const key = splitHalfKey({ embedding: embedding.key, halves: halves.map((half) => half.map((run) => run.key)) });
  if (readMeasure(database, embedding.id, 'split-half')?.key === key) return;
  const { splitHalf } = await runTask('split-half', {
    ...{ project: project.folder, mask: readMask(database, embedding.maskId)!.file, best: embedding.result!.best.file },
    ...{ settings, ...placeOfTraining(embedding, input), threads: input.threads ?? null },
    checkpoints: trainingFiles(embedding.key).checkpoints,
    halves: halves.map((half) => half.map(toTaskRun)),
    validation: wanted(embedding.inputs.validationRuns).map(toTaskRun),
  });
  storeMeasure(database, 'split-half', { embeddingId: embedding.id, key, totals: {}, columns: withNulls({ splitHalf }) });
}

function settingsOf({ variant, settings }: Embedding): TrainSettings | DecomposeSettings {
  if (variant === 'group-ica' || variant === 'dictionary')
    return { sparsity: 1.2, ...settings, method: variant } as DecomposeSettings;
  return settings as unknown as TrainSettings;
}

/** Where the halves are trained: as the embedding was, unless another device is named. */
function placeOfTraining({ provenance }: Embedding, { device }: Input): Pick<SplitHalfTask, 'engine' | 'device'> {
  const own = provenance as { engine: SplitHalfTask['engine']; device: { actual: SplitHalfTask['device'] } };
  return { engine: own.engine, device: device === 'auto' ? own.device.actual : device };
}

/** The subjects in two halves, drawn by the training's seed. @throws UserError where there are not two of them */
function halvesOf(runs: readonly Run[], seed: number): Run[][] {
  const subjects = [...new Set(runs.map((run) => run.subject))].sort();
  if (subjects.length < 2) {
    throw new UserError({
      code: 'too-little-data',
      what: 'the training subjects cannot be halved',
      expected: 'two or more whose runs are as they were when the embedding was trained',
      found: String(subjects.length),
    });
  }
  const order = Generator.fromSeed(seed).permutation(subjects.length);
  const first = new Set(order.slice(0, Math.floor(subjects.length / 2)).map((i) => subjects[i]!));
  return [runs.filter((run) => first.has(run.subject)), runs.filter((run) => !first.has(run.subject))];
}

/** JSON knows no NaN. */
function withNulls(columns: Record<string, Float64Array>): Record<string, (number | null)[]> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, Array.from(values, (value) => (Number.isNaN(value) ? null : value))]),
  );
}
