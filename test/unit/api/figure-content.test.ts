import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareFigure } from '../../../src-main/api/figures/prepare';
import { calibrationPanels } from '../../../src-main/compute/figure-parts/chance-shares';
import { correlationPValue } from '../../../src-main/coupling/significance';
import { ActivationCache } from '../../../src-main/project/activation-cache';
import { openProject, type Project } from '../../../src-main/project/project';
import { storeComparison } from '../../../src-main/project/queries/comparisons';
import { listCouplings, storeCorrection, storePairMetrics } from '../../../src-main/project/queries/couplings';
import { figureSpec, type FigureSpecInput } from '../../../src-preload/shared/contract/figures';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { FBNS, FILTERS, makeSmallCoupling, type SmallCoupling } from './small-coupling';

const NULL_KEY = 'f'.repeat(64);
const COPIES = 99;
let small: SmallCoupling;
let project: Project;
const prepare = (spec: FigureSpecInput) => prepareFigure(project, figureSpec.parse(spec), 'svg');

beforeAll(() => {
  small = makeSmallCoupling();
  project = openProject(small.folder, 'test');
});
afterAll(() => project.close());

test('what is missing is said with what to do', async () => {
  await expect(prepare({ kind: 'ablation' })).rejects.toThrow(/not measured yet/);
  await expect(prepare({ kind: 'hierarchy' })).rejects.toThrow(/syncact compare/);
  await expect(prepare({ kind: 'null-distribution' })).rejects.toThrow(/--mode corrected/);
  await expect(prepare({ kind: 'calibration' })).rejects.toThrow(/--mode corrected/);
  await expect(prepare({ kind: 'comparison' })).rejects.toThrow(/nothing to compare/);
  await expect(prepare({ kind: 'comparison', embeddings: [1, 9] })).rejects.toThrow(/no trained embedding 9/);
  await expect(prepare({ kind: 'comparison', fromPercentile: 99, toPercentile: 40 })).rejects.toThrow(/fromPercentile below/);
});

test('an ablation holds the means over all pairs, and every movie run', async () => {
  const metrics = (PCC: number) => ({ MAE: 1, MSE: 2, RMSE: 1.4, DTW: 9, PCC });
  for (const [i, { id }] of listCouplings(project.database).entries())
    storePairMetrics(project.database, id, { pairs: FBNS, means: metrics(0.1 + 0.2 * i) });
  const { ablation, provenance } = await prepare({ kind: 'ablation' });
  expect(ablation!.metrics.map(({ name }) => name)).toEqual(['MAE', 'MSE', 'RMSE', 'DTW', 'PCC']);
  const [row] = ablation!.rows;
  expect(row!.all[4]).toBeCloseTo(0.2, 10);
  expect(row!.runs.map((run) => run[4])).toEqual([0.1, expect.closeTo(0.3, 10)]);
  expect(row!.published).toEqual([null, null, null, null, null]);
  expect(ablation!.about).toBe(`net layer4, ${FBNS} FBNs, pairs FBN to filter (Eq. 2)`);
  expect(provenance).toMatchObject({ embedding: { variant: 'lt' }, mode: 'paper' });
  await expect(prepare({ kind: 'ablation', model: 'other' })).rejects.toThrow(/one of net/);
});

test('a null holds the copies of its pair and both p; every copy is a chance pair of the calibration', async () => {
  const [coupling] = listCouplings(project.database);
  const summary = { ...{ surrogates: COPIES, expectedMeanR: 0, deviationOfMeanR: 1, matchedMeanR: 0, z: 0, pOfMeanR: 1 } };
  const counts = { notSignificantNull: 0, notSignificantQ: 0, notSignificantFamily: 0 };
  storeCorrection(project.database, coupling!, { key: NULL_KEY, method: 'circular-shift', ...summary, ...counts }, [] as never);
  const cache = ActivationCache.open(project.activationsFile);
  // Of FBN k the copies are 0.001, 0.002, … plus k; the observed one stands first.
  const maxima = Float32Array.from({ length: FBNS * (COPIES + 1) }, (_, i) => {
    const [fbn, copy] = [Math.floor(i / (COPIES + 1)), i % (COPIES + 1)];
    return copy === 0 ? 0.9 : copy / 1000 + fbn / 10;
  });
  cache.writeNullMaxima(NULL_KEY, { rows: FBNS, columns: COPIES + 1, data: maxima });
  const r = new Float32Array(FBNS * FILTERS).fill(0.0955);
  cache.writeCorrelation(coupling!.key, { rows: FBNS, columns: FILTERS, data: r });
  cache.close();
  const { model, layer, movieRun } = coupling!;
  const row = { fbn: 0, filter: 2, model, layer, movieRun };
  const { nulls } = await prepare({ kind: 'null-distribution', rows: [row, { ...row, fbn: 1 }] });
  expect(nulls!.map(({ maxima: own }) => [own.length, own[0]])).toEqual([
    [COPIES, expect.closeTo(0.001, 6)],
    [COPIES, expect.closeTo(0.101, 6)],
  ]);
  // Four of 99 copies are larger than 0.0955.
  expect(nulls!.map(({ pCorrected }) => pCorrected)).toEqual([5 / 100, 1]);
  expect(nulls![0]!.pNaive).toBeCloseTo(correlationPValue(0.0955, 98), 6);
  expect(nulls![0]).toMatchObject({ partners: `${FILTERS} filters`, method: 'circular shifts' });
  await expect(prepare({ kind: 'null-distribution', rows: [{ ...row, fbn: FBNS }] })).rejects.toThrow(/there is no pair/);

  const task = await prepare({ kind: 'calibration' });
  const [panel] = await calibrationPanels(task, { ...quietContext(), part: () => {} } as never);
  expect(panel!.title).toContain(`${FBNS * COPIES} chance pairs`);
  const naive = panel!.lines[0]!.points.find(({ x }) => x === 0.05)!;
  const p = [...maxima].filter((_, i) => i % (COPIES + 1) > 0).map((one) => correlationPValue(one, 98));
  expect(naive.share).toBeCloseTo(p.filter((one) => one <= 0.05).length / p.length, 10);
});

test('a hierarchy holds every model that is compared in two layers or more, or the one asked for', async () => {
  const comparison = { runs: [], ridgeOfFbns: [0.1, null, 0.3, 0.2] };
  storeComparison(project.database, small.embedding, { layerId: small.layer, key: 'k', comparison });
  await expect(prepare({ kind: 'hierarchy' })).rejects.toThrow(/two layers or more/);
});

test('a study is read from its file, and anything else is told apart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-study-'));
  const write = (content: string) => {
    const file = join(folder, 'study.json');
    writeFileSync(file, content);
    return file;
  };
  const docs = join(import.meta.dirname, '../../../docs/statistics.json');
  const { calibration, provenance } = await prepare({ kind: 'calibration', study: docs });
  if (!calibration || !('study' in calibration)) throw new Error('no study');
  expect(calibration.study.map(({ lines }) => lines.length)).toEqual([2, 4]);
  expect(calibration.study[0]!.lines[0]!.points[0]).toEqual({ x: 0, share: 0.773, error: 0.018 });
  expect(provenance).toMatchObject({ embeddings: [], inputs: { study: expect.stringMatching(/^[0-9a-f]{64}$/) } });
  await expect(prepare({ kind: 'calibration', study: write('{') })).rejects.toThrow(/not a study/);
  await expect(prepare({ kind: 'calibration', study: write('{}') })).rejects.toThrow(/nothing to draw/);
  await expect(prepare({ kind: 'calibration', study: write('{"simulated":{"byPhi":[1,2]}}') })).rejects.toThrow(/byPhi/);
  await expect(prepare({ kind: 'calibration', study: join(folder, 'none.json') })).rejects.toThrow(/none\.json/);
});
