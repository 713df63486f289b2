import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import type { PhantomFiles } from '../../src-preload/shared/contract/phantom-tasks';
import type { JobInput } from '../../src-preload/shared/contract/job-inputs';
import { quietContext } from '../../src-preload/shared/domain/work';
import { OpenProject } from '../../src-main/api/application';
import { viewEmbeddings } from '../../src-main/api/embedding-views';
import { PHANTOM_MODEL, recoveryTask } from '../../src-main/api/recovery';
import { evaluatePhantom, generatePhantom } from '../../src-main/api/tools';
import { readEmbedding } from '../../src-main/project/queries/embeddings';

/*
 * `vite-node test/bench/attention-forms.ts DIR [--noise 0.5,1,2] [--scans BIDS_FOLDER] [--seeds 0,1] [--forms 1,3]`: trains the four forms of
 * LT+MSA's modules on phantoms of several noise levels and on real scans, and prints what they come to
 * (docs/decisions/0014-attention-modules.md). What is trained in DIR already is not trained again.
 */
type Train = JobInput<'train'>;
interface Form {
  name: string;
  settings: Train;
}

const forms: readonly Form[] = [
  { name: 'plain', settings: { variant: 'lt-msa', residualNorm: false, positions: false } },
  { name: 'positions', settings: { variant: 'lt-msa', residualNorm: false, positions: true } },
  { name: 'residual + norm', settings: { variant: 'lt-msa', residualNorm: true, positions: false } },
  { name: 'residual + norm, positions', settings: { variant: 'lt-msa', residualNorm: true, positions: true } },
  { name: 'LT', settings: { variant: 'lt' } },
  { name: 'LT+LSTM', settings: { variant: 'lt-lstm' } },
];
/** Almost no step at all: what the measures are before anything was learned. */
const untrained: Train = { epochs: 1, learningRate: 1e-9 };
const onPhantom: Train = { fbns: 64, epochs: 20, batchSize: 4, learningRate: 0.003 };
/** The figures of these scans that were known before were taken with 16 FBNs, 2 heads and 100 steps of 8 runs. */
const onScans: Train = { fbns: 16, heads: 2, epochs: 100, batchSize: 8, learningRate: 0.003 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    noise: { type: 'string', default: '0.5,1,2' },
    scans: { type: 'string' },
    seeds: { type: 'string', default: '0,1' },
    forms: { type: 'string' },
    untrained: { type: 'boolean', default: false },
  },
});
const numbers = (text: string) => text.split(',').filter(Boolean).map(Number);
const header = ['data', 'form', 'seed', 'best epoch', 'validation loss', 'explained', 'subjects’ r', 'mean r'];
header.push(
  'found by weights',
  'r of map, filter',
  'by activations',
  'r of map, filter',
  'by random maps',
  'r of map, filter',
  's/epoch',
);
const rows: string[][] = [];
const [folder] = positionals;
// `npm run bench` imports every file of this folder: without a place for the projects there is nothing to do.
if (folder) {
  for (const noise of numbers(values.noise)) await tryPhantom(noise);
  if (values.scans) await tryScans(values.scans);
  console.log(markdownTable([header, ...rows]));
} else console.error('attention-forms: name a folder for its projects');

function open(name: string): OpenProject {
  const path = join(resolve(folder!), `${name}.syncact`);
  return existsSync(path) ? OpenProject.open(path, 'attention-forms') : OpenProject.create(path, 'attention-forms');
}

async function tryPhantom(noise: number): Promise<void> {
  const data = await phantomData(noise);
  const project = open(`phantom-${noise}`);
  try {
    await project.start('import-fmri', { source: { bids: data.bidsFolder } }).finished;
    for (const { movieRun, video } of data.movies)
      await project.start('import-movie', { movieRun, source: { video }, trSeconds: data.trSeconds }).finished;
    await project.start('import-model', { file: data.model, name: PHANTOM_MODEL }).finished;
    await project.start('extract', { model: PHANTOM_MODEL }).finished;
    await tryForms(project, `phantom, noise ${noise}`, onPhantom, data.planted);
  } finally {
    await project.close();
  }
}

async function tryScans(bids: string): Promise<void> {
  const project = open('scans');
  try {
    await project.start('import-fmri', { source: { bids: resolve(bids) }, grid: { voxelMm: 3 } }).finished;
    await tryForms(project, 'scans', onScans);
  } finally {
    await project.close();
  }
}

async function tryForms(project: OpenProject, data: string, settings: Train, planted?: string): Promise<void> {
  const wanted = values.forms && numbers(values.forms);
  const chosen = forms.filter((_, i) => !wanted || wanted.includes(i + 1));
  for (const { name, settings: form } of chosen)
    for (const seed of numbers(values.seeds)) {
      const input = { ...settings, ...form, seed, ...(values.untrained && untrained) };
      const row = await tryForm(project, input, planted);
      rows.push([data, values.untrained ? `${name}, untrained` : name, String(seed), ...row]);
      console.error(rows.at(-1)!.join(' | '));
    }
}

async function tryForm(open: OpenProject, input: Train, planted: string | undefined): Promise<string[]> {
  const { embedding: id } = await open.start('train', input).finished;
  const { project } = open;
  let recovery = Array<string>(6).fill('–');
  if (planted !== undefined) {
    await open.start('couple', { embedding: id, directions: ['fbn-to-filter'] }).finished;
    const task = recoveryTask(project, readEmbedding(project.database, id)!, planted)!;
    const { recovered, strength, byActivation, control } = await evaluatePhantom(task, quietContext());
    recovery = [{ ...recovered, ...strength }, byActivation, control].flatMap(({ fbnToFilter, filterToFbn, mapR, filterR }) => [
      ...[`${Number(fbnToFilter.toFixed(1))}, ${Number(filterToFbn.toFixed(1))}`, `${mapR.toFixed(2)}, ${filterR.toFixed(2)}`],
    ]);
  }
  const view = viewEmbeddings(project).find((one) => one.id === id)!;
  const decimals = (value: number | null | undefined) => (value === null || value === undefined ? '–' : value.toFixed(3));
  return [
    ...[String(view.bestEpoch), decimals(view.bestValidationLoss), decimals(view.explainedVariance)],
    ...[decimals(view.quality?.interSubject), decimals(view.meanR), ...recovery, decimals(view.secondsPerEpoch)],
  ];
}

async function phantomData(noise: number): Promise<PhantomFiles> {
  const at = join(resolve(folder!), `data-${noise}`);
  const finished = join(at, 'generated.json');
  if (existsSync(finished)) return JSON.parse(readFileSync(finished, 'utf8')) as PhantomFiles;
  const files = await generatePhantom({ folder: at, noise, seed: 0, version: '0' }, quietContext());
  writeFileSync(finished, JSON.stringify(files));
  return files;
}
