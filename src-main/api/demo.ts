import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { EvaluatePhantomResult, PhantomFiles } from '../../src-preload/shared/contract/compute-tasks';
import type { JobInput, JobType } from '../../src-preload/shared/contract/job-inputs';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { listCouplings } from '../project/queries/couplings';
import { currentMask } from '../project/queries/masks';
import { OpenProject } from './application';
import type { JobOutput } from './jobs';
import { PHANTOM_MODEL, phantomTraining } from './jobs/phantom';
import { buildReportTable } from './report';
import { evaluatePhantom, generatePhantom } from './tools';
import { programVersion } from './version';

export interface DemoSettings {
  noise?: number;
  seed?: number;
  subjects?: number;
  fbns?: number;
  epochs?: number;
  learningRate?: number;
}

/** How the demo's caller runs jobs and reports progress. */
export interface DemoContext {
  tool: WorkContext;
  runJob<Type extends JobType>(open: OpenProject, type: Type, input: JobInput<Type>): Promise<JobOutput<Type>>;
}

export interface DemoReport extends EvaluatePhantomResult {
  project: string;
  seconds: number;
  noise: number;
  noiseDescription: string;
  seed: number;
  embedding: {
    fbns: number;
    epochs: number;
    batchSize: number;
    learningRate: number;
    trainLoss: number;
    validationLoss: number | null;
  };
  /** Tables 1, 3 and 8 as text. */
  tables: string[];
}

/** Goes through the whole method on a phantom: raw data into `folder`/data, the project into `folder`/phantom.syncact. */
export async function runDemo(folder: string, settings: DemoSettings, context: DemoContext): Promise<DemoReport> {
  const started = performance.now();
  const root = prepareFolder(folder);
  const { noise = 1, seed = 0, subjects } = settings;
  const request = {
    folder: join(root, 'data'),
    noise,
    seed,
    version: programVersion,
    ...(subjects !== undefined && { subjects }),
  };
  const data = await generatePhantom(request, context.tool);
  const open = OpenProject.create(join(root, 'phantom.syncact'), 'syncact demo');
  try {
    const embedding = await runMethod(open, data, settings, context);
    const recovery = await evaluate(open, data, embedding, context.tool);
    const last = embedding.epochs.at(-1)!;
    return {
      ...recovery,
      ...{ project: open.project.folder, noise, noiseDescription: data.noiseDescription, seed },
      embedding: {
        ...{ fbns: embedding.fbns, epochs: embedding.epochs.length, batchSize: phantomTraining.batchSize },
        learningRate: settings.learningRate ?? phantomTraining.learningRate,
        ...{ trainLoss: last.trainLoss, validationLoss: last.validationLoss },
      },
      tables: ['1', '3', '8'].map((name) => buildReportTable(open.project, name).format('md')),
      seconds: Math.round((performance.now() - started) / 100) / 10,
    };
  } finally {
    await open.close();
  }
}

/** Import, training, extraction and coupling, as a user would do them with the same data. */
async function runMethod(
  open: OpenProject,
  data: PhantomFiles,
  settings: DemoSettings,
  { runJob }: DemoContext,
): Promise<JobOutput<'train'>> {
  await runJob(open, 'import-fmri', { source: { bids: data.bidsFolder } });
  for (const { movieRun, video } of data.movies) {
    await runJob(open, 'import-movie', { movieRun, source: { video }, trSeconds: data.trSeconds });
  }
  await runJob(open, 'import-model', { file: data.model, name: PHANTOM_MODEL });
  const { fbns, epochs, batchSize, learningRate, seed } = { ...phantomTraining, seed: 0, ...settings };
  const embedding = await runJob(open, 'train', { fbns, epochs, batchSize, learningRate, seed });
  await runJob(open, 'extract', { model: PHANTOM_MODEL, layers: 'blocks' });
  await runJob(open, 'couple', { embedding: embedding.embedding });
  return embedding;
}

function evaluate(
  { project }: OpenProject,
  data: PhantomFiles,
  embedding: JobOutput<'train'>,
  context: WorkContext,
): Promise<EvaluatePhantomResult> {
  const couplings = listCouplings(project.database, embedding.embedding);
  const planted = couplings.filter((coupling) => coupling.isLastConvolution && coupling.direction === 'fbn-to-filter');
  return evaluatePhantom(
    {
      ...{ project: project.folder, planted: data.planted, mask: currentMask(project.database)!.file, maps: embedding.maps },
      activations: project.activationsFile,
      correlations: planted.map((coupling) => coupling.key),
    },
    context,
  );
}

function prepareFolder(folder: string): string {
  const root = resolve(folder);
  if (existsSync(root) && (!statSync(root).isDirectory() || readdirSync(root).length > 0)) {
    throw new UserError({
      what: 'the demo needs a new or empty folder',
      file: root,
      found: statSync(root).isDirectory() ? 'a folder with files in it' : 'a file',
      remedy: 'name another one, or remove it',
    });
  }
  mkdirSync(root, { recursive: true });
  return root;
}
