import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { EvaluatePhantomResult, PhantomFiles } from '../../src-preload/shared/contract/phantom-tasks';
import type { JobInput, JobType } from '../../src-preload/shared/contract/job-inputs';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { OpenProject } from './application';
import type { JobOutput } from './jobs';
import { phantomTrainings } from './jobs/phantom';
import { PHANTOM_FOLDER, PHANTOM_MODEL } from './recovery';
import { buildReportTable } from './report';
import { generatePhantom } from './tools';
import { programVersion } from './version';

export interface DemoSettings {
  noise?: number;
  seed?: number;
  subjects?: number;
  /** LT alone by default. */
  variants?: (keyof typeof phantomTrainings)[];
  /** These three of every variant. */
  fbns?: number;
  epochs?: number;
  learningRate?: number;
}

/** How the demo's caller runs jobs and reports progress. */
export interface DemoContext {
  tool: WorkContext;
  runJob<Type extends JobType>(open: OpenProject, type: Type, input: JobInput<Type>): Promise<JobOutput<Type>>;
}

/** What one form of the embedding came to. */
export interface DemoVariant extends EvaluatePhantomResult {
  variant: string;
  embedding: number;
  fbns: number;
  epochs: number;
  batchSize: number;
  learningRate: number;
  trainLoss: number;
  validationLoss: number | null;
  secondsPerEpoch: number;
}

/** The recovery of the first variant asked for, and what every one came to. */
export interface DemoReport extends EvaluatePhantomResult {
  project: string;
  seconds: number;
  noise: number;
  noiseDescription: string;
  seed: number;
  variants: DemoVariant[];
  /** Tables 1, 3 and 8 of the first variant, as text; Table 4 where there are several. */
  tables: string[];
}

/** Goes through the whole method on a phantom: raw data into `folder`/data, the project into `folder`/phantom.syncact. */
export async function runDemo(folder: string, settings: DemoSettings, context: DemoContext): Promise<DemoReport> {
  const started = performance.now();
  const root = prepareFolder(folder);
  const { noise = 1, seed = 0, subjects, variants = ['lt'] } = settings;
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
    keepTruth(data, open.project.folder);
    await importPhantom(open, data, context);
    const found: DemoVariant[] = [];
    for (const variant of new Set(variants)) found.push(await tryVariant(open, variant, settings, context));
    const [first] = found as [DemoVariant, ...DemoVariant[]];
    const table = (name: string) => buildReportTable(open.project, name, first.embedding).format('md');
    const tables = ['1', '3', '8'].map(table);
    if (found.length > 1) {
      await context.runJob(open, 'measure-pairs', {});
      tables.push(table('4'));
    }
    return {
      ...recoveryOf(first),
      variants: found,
      ...{ project: open.project.folder, noise, noiseDescription: data.noiseDescription, seed },
      tables,
      seconds: Math.round((performance.now() - started) / 100) / 10,
    };
  } finally {
    await open.close();
  }
}

function recoveryOf({
  planted,
  recovered,
  strength,
  byActivation,
  control,
  alternatives,
  networks,
}: DemoVariant): EvaluatePhantomResult {
  return { planted, recovered, strength, byActivation, control, alternatives, networks };
}

/** A copy of the truth goes with the project, so that embeddings trained later are held against it too. */
function keepTruth({ planted }: PhantomFiles, project: string): void {
  const folder = join(project, PHANTOM_FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const file of [basename(planted), 'planted-maps.nii.gz']) cpSync(join(dirname(planted), file), join(folder, file));
}

/** Import and extraction, as a user would do them with the same data. */
async function importPhantom(open: OpenProject, data: PhantomFiles, { runJob }: DemoContext): Promise<void> {
  await runJob(open, 'import-fmri', { source: { bids: data.bidsFolder } });
  for (const { movieRun, video } of data.movies) {
    await runJob(open, 'import-movie', { movieRun, source: { video }, trSeconds: data.trSeconds });
  }
  await runJob(open, 'import-model', { file: data.model, name: PHANTOM_MODEL });
  await runJob(open, 'extract', { model: PHANTOM_MODEL, layers: 'blocks' });
}

/** Training and coupling, and how much of the truth they find. */
async function tryVariant(
  open: OpenProject,
  variant: keyof typeof phantomTrainings,
  settings: DemoSettings,
  { runJob }: DemoContext,
): Promise<DemoVariant> {
  const { fbns, epochs, learningRate } = settings;
  const chosen = {
    ...{ ...phantomTrainings[variant], variant, seed: settings.seed ?? 0 },
    ...(fbns !== undefined && { fbns }),
    ...(epochs !== undefined && { epochs }),
    ...(learningRate !== undefined && { learningRate }),
  };
  const trained: JobOutput<'train'> = await runJob(open, 'train', chosen);
  const coupled: JobOutput<'couple'> = await runJob(open, 'couple', { embedding: trained.embedding });
  const last = trained.epochs.at(-1)!;
  return {
    ...coupled.recovery!,
    ...{ variant, embedding: trained.embedding, fbns: trained.fbns, epochs: trained.epochs.length },
    ...{ batchSize: chosen.batchSize, learningRate: chosen.learningRate, secondsPerEpoch: trained.secondsPerEpoch },
    ...{ trainLoss: last.trainLoss, validationLoss: last.validationLoss },
  };
}

function prepareFolder(folder: string): string {
  const root = resolve(folder);
  if (existsSync(root) && (!statSync(root).isDirectory() || readdirSync(root).length > 0)) {
    throw new UserError({
      code: 'target-occupied',
      what: 'the demo needs a new or empty folder',
      file: root,
      found: statSync(root).isDirectory() ? 'a folder with files in it' : 'a file',
      remedy: 'name another one, or remove it',
    });
  }
  mkdirSync(root, { recursive: true });
  return root;
}
