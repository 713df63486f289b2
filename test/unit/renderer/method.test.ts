import { expect, test } from 'vitest';
import { buildMatrix } from '../../../src-renderer/features/coupling/matrix';
import { measureNamed } from '../../../src-renderer/features/coupling/measures';
import { countHubs, filterPairs, pairsOf } from '../../../src-renderer/features/coupling/pairs';
import { comparedSeries } from '../../../src-renderer/features/embedding/training';
import { describeJob } from '../../../src-renderer/features/jobs/job-text';
import { layerRows } from '../../../src-renderer/features/models/layer-tree';
import { checkAlignment } from '../../../src-renderer/features/movies/alignment';
import { describeSteps } from '../../../src-renderer/features/overview/steps';
import { measureOf, measureTexts, orderOfFbns } from '../../../src-renderer/features/fbns/measures';
import { fbnMeasures } from '../../../src-preload/shared/contract/quality';
import { reportColumns } from '../../../src-renderer/features/report/report-table';
import { brainSeries } from '../../../src-renderer/features/pair/series';
import type { ProjectInfo } from '../../../src-preload/shared/contract/project-info';
import { cellText } from '../../../src-renderer/ui/data-table';
import type { LayerView } from '../../../src-preload/shared/contract/model-views';
import type { CouplingView, JobView, MovieView } from '../../../src-preload/shared/contract/views';

const layer = (name: string, filters: number) => ({ name, filters, id: 0, extracted: [] }) as unknown as LayerView;

test('layers become a tree; a module with one child is drawn with it, and hidden layers still count', () => {
  const layers = [layer('conv1', 64), layer('layer1.0.conv1', 8), layer('layer1.0.conv2', 8), layer('layer1.1.conv1', 16)];
  const open = layerRows(layers, new Set()).map(({ name, depth, filters }) => [name, depth, filters]);
  expect(open).toEqual([
    ['conv1', 0, 64],
    ['layer1', 0, 32],
    ['0', 1, 16],
    ['conv1', 2, 8],
    ['conv2', 2, 8],
    ['1.conv1', 1, 16],
  ]);
  expect(layerRows(layers, new Set(['layer1'])).map(({ path, inside }) => [path, inside])).toEqual([
    ['conv1', 0],
    ['layer1', 3],
  ]);
});

const coupling = (model: string, position: number, movieRun: string, meanR: number) =>
  ({
    ...{
      modelId: model.length,
      model,
      layerId: position + 10 * model.length,
      layer: `layer${position}`,
      position,
      movieRun,
      meanR,
    },
    ...{ embeddingId: 1, direction: 'fbn-to-filter', reducer: 'max', trainedOn: null },
  }) as CouplingView;

test('the matrix has a row per model with its layers by depth, and a cell per run; what is missing stays empty', () => {
  const all = [
    coupling('vgg16', 4, 'run-10', 0.5),
    coupling('vgg16', 2, 'run-2', 0.1),
    coupling('alexnet', 1, 'run-2', 0.3),
    { ...coupling('alexnet', 1, 'run-2', 0.9), direction: 'filter-to-fbn' as const },
  ];
  const matrix = buildMatrix(all, 1, 'fbn-to-filter');
  expect(matrix.movieRuns).toEqual(['run-2', 'run-10']);
  expect(matrix.models.map(({ model, layers }) => [model, layers.map(({ name }) => name)])).toEqual([
    ['alexnet', ['layer1']],
    ['vgg16', ['layer2', 'layer4']],
  ]);
  expect(matrix.models[1]!.cells.map((cells) => cells.map((cell) => cell?.meanR))).toEqual([
    [0.1, undefined],
    [undefined, 0.5],
  ]);
  expect(matrix).toMatchObject({ depth: 2, range: [0.1, 0.5] });
});

test('the measure first shown is the mode’s; what is not corrected has no value', () => {
  const plain = { ...coupling('vgg16', 4, 'run-1', 0.5), correction: null, pairs: 4, notSignificant: 1 } as CouplingView;
  const corrected = { ...plain, correction: { matchedMeanR: 0.2, z: 3, notSignificantNull: 3 } } as CouplingView;
  expect([measureNamed(undefined, 'paper').value(plain), measureNamed(undefined, 'corrected').value(corrected)]).toEqual([
    0.5, 0.2,
  ]);
  expect(measureNamed('matched', 'paper').value(plain)).toBeNull();
  expect(measureNamed('significant-null', 'paper').value(corrected)).toBe(0.25);
  expect(buildMatrix([corrected], 1, 'fbn-to-filter', 'max', measureNamed('z', 'paper')).range).toEqual([3, 3]);
});

test('pairs are narrowed by r, p, search and the other direction; hubs are counted', () => {
  const row = (fbn: number, filter: number, r: number, p: number, pNull: number) => [
    fbn,
    filter,
    r,
    p,
    50,
    p,
    pNull,
    pNull,
    1,
    0,
    NaN,
  ];
  const table = [row(0, 7, 0.5, 0.001, 0.2), row(1, 7, 0.4, 0.2, 0.04), row(2, 9, 0.1, 0.01, NaN)];
  const pairs = pairsOf(Float64Array.from(table.flat()));
  const all = { search: '', leastR: -1, onlySignificant: false, mode: 'paper' as const, mutual: undefined };
  const fbns = (change: object) => filterPairs(pairs, { ...all, ...change }).map(({ fbn }) => fbn);
  expect(fbns({ leastR: 0.3 })).toEqual([0, 1]);
  expect(fbns({ onlySignificant: true })).toEqual([0, 2]);
  expect(fbns({ onlySignificant: true, mode: 'corrected' })).toEqual([1]);
  expect(fbns({ search: 'filter 7' })).toEqual([0, 1]);
  expect(fbns({ mutual: new Set(['1 7']) })).toEqual([1]);
  expect(countHubs(pairs, 'filter', 1)).toEqual([{ index: 7, pairs: 2 }]);
});

test('a movie fits when frames and volumes are as many and the TR is the same', () => {
  const movie = { frames: 240, trSeconds: 1 };
  const view = (change: object) =>
    ({ movie, trSeconds: 1, trimmed: null, timePoints: 240, runLengths: [{ volumes: 240, runs: 3 }], ...change }) as MovieView;
  expect(checkAlignment(view({})).ok).toBe(true);
  expect(checkAlignment(view({ runLengths: [{ volumes: 250, runs: 1 }] })).ok).toBe(false);
  expect(checkAlignment(view({ runLengths: [{ volumes: 250, runs: 1 }], trimmed: 'cut to 240' })).ok).toBe(true);
  expect(checkAlignment(view({ trSeconds: 2 })).ok).toBe(false);
});

test('embeddings are compared by validation loss, or by training loss where there is none', () => {
  const losses = new Map([
    [1, Float64Array.of(0, 3, 2, 1)],
    [2, Float64Array.of(0, 5, NaN, 1)],
  ]);
  expect(comparedSeries(losses, 2).map(({ label, side, values }) => [label, side, values[0]])).toEqual([
    ['embedding 1 validation', 'neutral', 2],
    ['embedding 2 train', 'brain', 5],
  ]);
});

test("an FBN's band is on the scale of its z-scores", () => {
  const { z, band } = brainSeries(Float32Array.of(0, 2, 4, -1, 1, 3, 1, 3, 5));
  expect(z[1]).toBeCloseTo(0, 6);
  expect(band.upper[1]! - z[1]!).toBeCloseTo(1 / Math.sqrt(8 / 3), 5);
});

test('jobs are told apart by what they are about', () => {
  expect(describeJob({ type: 'import-fmri', input: { source: { bids: '/data/bids/' } } })).toBe('Import fMRI · bids');
  expect(describeJob({ type: 'extract', input: { model: 'vgg16', layers: ['a', 'b'] } })).toBe(
    'Extract activations · vgg16 · a, b',
  );
  expect(describeJob({ type: 'train', input: { variant: 'lt', fbns: 64 } })).toBe('Train · LT, 64 FBNs');
});

const empty = {
  ...{ subjects: [], movieRuns: [], models: [], embeddings: [], couplings: 0, stale: [], mask: null },
  semantics: { vocabularies: 0, terms: 0, comparedEmbeddings: [], labelledLayers: 0, picturedLayers: 0 },
} as unknown as ProjectInfo;

test('the board says what comes next, what waits for what, and what is stale', () => {
  const steps = describeSteps(empty, []);
  expect(steps.map(({ title, isNext, waitsFor }) => [title, isNext, waitsFor])).toEqual([
    ['fMRI', true, null],
    ['Movie', false, null],
    ['Activations', false, null],
    ['Embedding', false, 'fMRI'],
    ['Coupling', false, 'an embedding'],
    ['Semantics', false, 'fMRI'],
    ['Curation', false, 'pairs'],
  ]);
  const info = { ...empty, subjects: [{ name: 'sub-01', split: 'train', runs: 2 }] } as ProjectInfo;
  const stale = [
    { what: 'sub-01 run-1', why: 'older mask', step: 'data' as const },
    { what: '/data/a disk/movie.mp4', why: 'changed', step: 'movies' as const },
    { what: 'embedding 1', why: 'split', step: 'embedding' as const },
  ];
  const job = { type: 'import-movie', progress: { stage: 'decoding', done: 1, total: 4 } } as JobView;
  const marked = describeSteps({ ...info, stale }, [job]);
  expect(marked.map(({ status }) => status.text)).toEqual(['1 stale', 'running', 'open', '1 stale', 'open', 'open', 'open']);
  expect(marked[1]!.running).toEqual({ text: 'decoding', share: 0.25 });
  expect(marked[1]!.isNext).toBe(true);
  expect(marked[1]!.stale).toEqual(['movie.mp4: changed']);
});

test('the board says who has decided on how many pairs, and to go on', () => {
  const curated = (...raters: { author: string; decided: number }[]) =>
    describeSteps({ ...empty, couplings: 2 }, [], { embedding: 1, pairs: 64, raters }).at(-1)!;
  expect(curated()).toMatchObject({ action: 'Curate pairs', waitsFor: null, status: { text: 'open' } });
  const going = curated({ author: 'Ana', decided: 40 }, { author: 'Ben', decided: 3 });
  expect(going).toMatchObject({ action: 'Go on curating', path: '/curate' });
  expect(going.facts.map(({ what, value }) => [what, value])).toEqual([
    ['pairs', '64'],
    ['by Ana', '40'],
    ['by Ben', '3'],
  ]);
  expect(curated({ author: 'Ana', decided: 64 })).toMatchObject({ action: 'Show annotations', status: { text: 'done' } });
});

test('a table of the report shows its decimals and its stars', () => {
  const rows = [
    { model: 'vgg16', run1: 0.25, starred: true, pairs: 64 },
    { model: 'alexnet', run1: null, starred: false, pairs: 64 },
  ];
  const columns = reportColumns({
    ...{ name: '1', title: '', notes: [], rows },
    columns: [
      { key: 'model', title: 'Model', decimals: null, starredBy: null },
      { key: 'run1', title: 'Run 1', decimals: 4, starredBy: 'starred' },
      { key: 'pairs', title: 'pairs', decimals: null, starredBy: null },
    ],
  });
  expect(rows.map((row) => columns.map((column) => cellText(column, row)))).toEqual([
    ['vgg16', '0.2500 *', '64'],
    ['alexnet', '–', '64'],
  ]);
  expect(columns.map(({ align }) => align)).toEqual(['left', 'right', 'right']);
});

test('FBNs are ordered by a measure, largest first, those without a value last', () => {
  const table = new Float64Array(4 * fbnMeasures.length).fill(NaN);
  const set = (fbn: number, value: number) => (table[fbn * fbnMeasures.length + fbnMeasures.indexOf('interSubject')] = value);
  set(0, 0.1);
  set(2, -0.4);
  set(3, 0.7);
  expect(orderOfFbns(4, table, 'interSubject')).toEqual([3, 0, 2, 1]);
  expect(orderOfFbns(4, table, 'splitHalf')).toEqual([0, 1, 2, 3]);
  expect(orderOfFbns(4, table, null)).toEqual([0, 1, 2, 3]);
  expect(orderOfFbns(2, undefined, 'interSubject')).toEqual([0, 1]);
  expect(measureOf(table, 3, 'interSubject')).toBe(0.7);
  expect(measureTexts.map(({ name }) => name).sort()).toEqual([...fbnMeasures].sort());
});
