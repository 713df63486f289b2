import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CouplingView, EmbeddingView, JobView, MovieView } from '../../src-preload/shared/contract/views';
import { resourcePaths } from '../../src-preload/shared/contract/resources';
import { startHost } from '../e2e/browser/host';
import { runJson, temporaryFolder } from '../e2e/cli';
import { mulberry32 } from '../e2e/small-data';
import { askWhatIsKept, heldBy, type Held, type Kept } from './held';
import { openBareWindow } from './window';

/**
 * A host in mixed use for long: what windows ask for, resources, decisions and their undo, figures, jobs in compute processes, exports,
 * closing and opening; again and again, in an order by chance. Memory, open files and child processes of the host must stay flat.
 * vite-node test/long/mixed-use.ts [--minutes 60] [--pause MILLISECONDS] [--project DIR] [--seed N]
 * --project: a project to work on a copy of; a phantom is made where it is left out.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    pause: { type: 'string', default: '20' },
    project: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
/** Share of the time at its beginning in which code is compiled and pools fill. */
const WARM_UP = 0.25;
/**
 * Between the means of the first and the last third after that, each time after a collection of garbage: what is kept, and what is
 * resident. Between collections memory swings by what the engine of JavaScript has put off, which is bounded by itself.
 */
const MOST_KEPT_GROWTH_MIB = 4;
const MOST_RESIDENT_GROWTH_MIB = 32;
/** At any moment. */
const MOST_AT_ONCE_MIB = 512;
const MOST_GROWTH_FILES = 4;
/** The compute process that answers short questions stays a while. */
const MOST_CHILDREN = 1;
const folder = temporaryFolder();
const random = mulberry32(Number(values.seed));
const below = (count: number) => Math.floor(random() * count);
const one = <Item>(items: readonly Item[]) => items[below(items.length)]!;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

if (values.project === undefined) await runJson('demo', join(folder, 'demo'), '--fbns', '32', '--epochs', '10');
const project = join(folder, 'used.syncact');
cpSync(values.project ?? join(folder, 'demo/phantom.syncact'), project, { recursive: true });
process.env.NODE_OPTIONS = '--inspect-port=0';
const host = await startHost(project, [folder]);
delete process.env.NODE_OPTIONS;
// It must not outlive what uses it.
process.on('exit', () => host.process.kill('SIGKILL'));
const whatIsKept = await askWhatIsKept(host.process);
const window = await openBareWindow(host);
const { ask, read } = window;

const screens = [
  ...['app.state', 'project.info', 'jobs.list', 'data.runs', 'movies.list', 'models.list', 'models.catalogue', 'embeddings.list'],
  ...['couplings.list', 'undo.next', 'figures.list', 'semantics.vocabularies', 'semantics.words', 'semantics.labelSets'],
  ...['semantics.imageSets', 'annotations.authors', 'annotations.progress', 'annotations.tagHistory', 'app.diagnostics'],
];
const embedding = (await ask<EmbeddingView[]>('embeddings.list')).find(({ state }) => state === 'complete')!;
const couplings = (await ask<CouplingView[]>('couplings.list')).filter((coupling) => coupling.embeddingId === embedding.id);
const movies = await ask<MovieView[]>('movies.list');
const author = 'Ana';
const change = () => ({ id: crypto.randomUUID(), author, blind: false, embedding: embedding.id });

async function curate(): Promise<void> {
  const coupling = one(couplings);
  const pair = { embedding: embedding.id, layer: coupling.layerId, fbn: below(coupling.fbns), filter: below(coupling.filters) };
  const annotation = {
    ...{ status: 'edited', flagged: false, fbn: `seen ${below(1000)}`, filter: '', relation: null },
    ...{ evidence: [], tags: [], note: 'a note', confidence: null },
  };
  await ask('annotations.state', { author, blind: false, embedding: embedding.id });
  await ask('annotations.pair', { author, blind: false, pair });
  await ask('annotations.decide', { ...change(), action: 'edit', pair, annotation, suggestion: null });
  await ask('annotations.step', { ...change(), way: 'undo' });
  if (below(2) === 0) await ask('annotations.step', { ...change(), way: 'redo' });
}

async function lookAtResources(): Promise<void> {
  const coupling = one(couplings);
  const [fbn, filter] = [below(coupling.fbns), below(coupling.filters)];
  const movie = one(movies);
  const tr = below(movie.movie?.frames ?? 1);
  const paths = [
    resourcePaths.fbnMap(embedding.id, fbn),
    resourcePaths.fbnVolume(embedding.id, fbn),
    resourcePaths.background(embedding.id),
    resourcePaths.losses(embedding.id),
    resourcePaths.fbnQuality(embedding.id),
    resourcePaths.fbnActivation(embedding.id, fbn, coupling.movieRunId),
    resourcePaths.filterActivation(coupling.layerId, filter, coupling.movieRunId),
    resourcePaths.topFrames(coupling.layerId, filter, coupling.movieRunId),
    resourcePaths.pairs(coupling.id),
    resourcePaths.queue(embedding.id, 'fbn-to-filter'),
    resourcePaths.annotations(one(['csv', 'json', 'jsonl', 'bids.zip'] as const)),
    ...(movie.movie ? [resourcePaths.frame(movie.id, tr), resourcePaths.frame(movie.id, tr, 160)] : []),
  ];
  for (const path of paths) await read(path);
}

/** Caches of maps and activations hold all of a small project once all of it was looked at: what grows after that is no cache. */
async function lookAtAll(): Promise<void> {
  for (const coupling of couplings) {
    const { fbns, filters, movieRunId: run, layerId: layer } = coupling;
    await ask('couplings.layer', { coupling: coupling.id });
    await ask('layers.look', { layer });
    for (let filter = 0; filter < filters; filter++) await read(resourcePaths.filterActivation(layer, filter, run));
    for (let fbn = 0; fbn < fbns; fbn++) {
      await read(resourcePaths.fbnActivation(embedding.id, fbn, run));
      await read(resourcePaths.fbnMap(embedding.id, fbn));
    }
  }
}

let exports = 0;
/** Jobs that are over in seconds; those that were done before are found to be done, and say so. */
const jobs: (() => { type: string; input: object })[] = [
  () => ({ type: 'export', input: { as: 'npz', file: join(folder, `arrays-${exports++}.npz`), embedding: embedding.id } }),
  () => ({ type: 'export', input: { as: 'bids', folder: join(folder, `bids-${exports++}`), embedding: embedding.id } }),
  () => ({ type: 'export', input: { as: 'latex', file: join(folder, `t-${exports++}.tex`), embedding: embedding.id } }),
  () => ({ type: 'export', input: { as: 'annotations', file: join(folder, `a-${exports++}.tsv`) } }),
  () => ({ type: 'couple', input: { mode: 'corrected', samples: 50 + below(5000) } }),
  () => ({ type: 'analyse', input: {} }),
  // It fails at once, in its compute process.
  () => ({ type: 'import-model', input: { file: join(project, 'project.sqlite') } }),
];

async function runJob(): Promise<void> {
  const { id } = await ask<{ id: number }>('jobs.start', one(jobs)());
  // Somebody thinks better of it, now and then.
  if (below(6) === 0) await pause(300).then(() => ask('jobs.cancel', { id }).catch(() => null));
  for (;;) {
    const job = (await ask<JobView[]>('jobs.list')).find((listed) => listed.id === id)!;
    if (job.state !== 'running' && job.state !== 'queued')
      return void (counts[`job ${job.state}`] = (counts[`job ${job.state}`] ?? 0) + 1);
    await pause(200);
  }
}

const use: Record<string, { often: number; what: () => Promise<unknown> }> = {
  screens: {
    often: 12,
    what: async () => {
      for (const route of screens) await ask(route).then(() => pause(Number(values.pause)));
    },
  },
  couplings: {
    often: 8,
    what: async () => {
      const coupling = one(couplings);
      await ask('couplings.layer', { coupling: coupling.id });
      const place = { fbn: below(coupling.fbns), filter: below(coupling.filters) };
      await ask('pairs.details', { coupling: coupling.id, ...place }).catch(onlyNoPair);
      await ask('report.table', { name: one(['1', '8']), embedding: embedding.id });
      await ask('embeddings.runs', { id: embedding.id });
    },
  },
  resources: { often: 12, what: lookAtResources },
  curation: { often: 12, what: curate },
  figure: {
    often: 2,
    what: () => ask('figures.draw', { spec: { kind: 'pairs', best: 1 + below(3), embedding: embedding.id }, format: 'svg' }),
  },
  layer: { often: 1, what: () => ask('layers.look', { layer: one(couplings).layerId }) },
  job: { often: 2, what: runJob },
  'close and open': { often: 1, what: () => ask('app.close').then(() => ask('app.open', { folder: project })) },
};

/** Not every FBN and filter are a pair. */
function onlyNoPair(caught: unknown): void {
  if (!String(caught).includes('not-found')) throw caught;
}

const counts: Record<string, number> = {};
const samples: (Held & { minute: number })[] = [];
const collected: (Kept & { minute: number })[] = [];
const lots = Object.entries(use).flatMap(([name, { often }]) => Array<string>(often).fill(name));
const betweenCollections = Math.min(1, minutes / 40);
let said = 0;
await lookAtAll();
const start = performance.now();
const passed = () => (performance.now() - start) / 60_000;
while (passed() < minutes) {
  const name = one(lots);
  await use[name]!.what();
  counts[name] = (counts[name] ?? 0) + 1;
  samples.push({ minute: passed(), ...heldBy(host.process.pid!) });
  if (passed() - said >= betweenCollections) {
    said = passed();
    collected.push({ minute: said, ...(await whatIsKept()) });
    console.log(`${said.toFixed(1)} min  ${JSON.stringify({ ...samples.at(-1), ...collected.at(-1), minute: undefined })}`);
  }
  await pause(Number(values.pause));
}

/** What there was in the first and in the last third of the time after warming up. */
function thirdsOf<Sample extends { minute: number }>(all: readonly Sample[]): [Sample[], Sample[]] {
  const third = minutes * ((1 - WARM_UP) / 3);
  const settled = all.filter(({ minute }) => minute > minutes * WARM_UP);
  return [
    settled.filter(({ minute }) => minute <= minutes * WARM_UP + third),
    settled.filter(({ minute }) => minute > minutes - third),
  ];
}
const mean = (numbers: number[]) => Math.round(numbers.reduce((sum, number) => sum + number, 0) / numbers.length);
const thirds = thirdsOf(samples);
const thirdsCollected = thirdsOf(collected);
const [first, last] = ([0, 1] as const).map((i) => ({
  mebibytes: mean(thirds[i].map(({ mebibytes }) => mebibytes)),
  kept: mean(thirdsCollected[i].map(({ kept }) => kept)),
  resident: mean(thirdsCollected[i].map(({ resident }) => resident)),
  // Jobs and downloads come and go: what is never given back shows in the least.
  files: Math.min(...thirds[i].map(({ files }) => files)),
  children: Math.min(...thirds[i].map(({ children }) => children)),
})) as [Held & Kept, Held & Kept];
console.log(`${Math.round(minutes)} minutes: ${JSON.stringify(counts)}, ${window.events()} events`);
const peak = Math.max(...samples.map(({ mebibytes }) => mebibytes));
console.log(`first third ${JSON.stringify(first)}, last third ${JSON.stringify(last)}, peak ${peak} MiB`);
window.close();
await host.stop();
rmSync(folder, { recursive: true });
const isFlat =
  last.resident - first.resident <= MOST_RESIDENT_GROWTH_MIB &&
  peak <= MOST_AT_ONCE_MIB &&
  last.kept - first.kept <= MOST_KEPT_GROWTH_MIB &&
  last.files - first.files <= MOST_GROWTH_FILES &&
  last.children <= Math.max(first.children, MOST_CHILDREN);
if (!isFlat) console.error('the host holds more and more');
process.exit(isFlat ? 0 : 1);
