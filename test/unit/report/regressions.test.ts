import { describe, expect, test } from 'vitest';
import { confidenceBand, leaveOneOut, linearRegression } from '../../../src-main/coupling/regression';
import { describeMethods, type MethodFacts } from '../../../src-main/report/methods';
import { buildPaperRegressionTable, paperRegressions } from '../../../src-main/report/paper-regressions';
import { publishedTop1 } from '../../../src-main/report/paper-tables';
import { buildRegressionTable, regress } from '../../../src-main/report/regressions';

const points = [
  { model: 'a', x: 0.1, y: 50 },
  { model: 'b', x: 0.2, y: 61 },
  { model: 'c', x: 0.3, y: 69 },
  { model: 'd', x: 0.4, y: 20 },
];

describe('Figure 3', () => {
  test('from the paper’s own tables R² is 0.57, 0.51, 0.46 and 0.43, not above 0.7', () => {
    const { rows } = buildPaperRegressionTable();
    const hcp = rows.filter(({ run }) => String(run).startsWith('HCP'));
    expect(hcp.map(({ r2 }) => Number((r2 as number).toFixed(2)))).toEqual([0.57, 0.51, 0.46, 0.43]);
    expect(hcp.map(({ n }) => n)).toEqual([10, 10, 10, 10]);
    expect(hcp.every(({ r2 }) => (r2 as number) < 0.7)).toBe(true);
    expect(paperRegressions()[0]!.without).toHaveLength(10);
  });

  test('the model that a line rests on is named, with what is left without it', () => {
    const { rows } = buildRegressionTable([regress('run-1', 'mean r', points)], { table: 'x', title: '', caption: '' });
    expect(rows[0]).toMatchObject({ run: 'run-1', n: 4, mostInfluential: 'd' });
    const without = linearRegression([0.1, 0.2, 0.3], [50, 61, 69]);
    expect(rows[0]!.mostR2).toBeCloseTo(without.r2, 12);
    expect(rows[0]!.pWithout).toBeCloseTo(without.p, 12);
  });

  test('two models give no line, and nothing that looks like one', () => {
    const two = regress('run-1', 'mean r', points.slice(0, 2));
    expect(two.band).toEqual([]);
    const { rows } = buildRegressionTable([two], { table: 'x', title: '', caption: '' });
    expect(rows[0]).toMatchObject({ slope: null, r2: null, p: null, mostInfluential: null });
  });

  test('the band is that of a line by hand', () => {
    // x = 1 … 5, y = 2, 4, 5, 4, 5: slope 0.6, s = √0.8, t(0.975, 3) = 3.182446.
    const x = [1, 2, 3, 4, 5];
    const line = linearRegression(x, [2, 4, 5, 4, 5]);
    const [middle, end] = confidenceBand(x, line, [3, 5]);
    expect(middle!.high - middle!.middle).toBeCloseTo(3.182446 * Math.sqrt(0.8 / 5), 5);
    expect(end!.middle - end!.low).toBeCloseTo(3.182446 * Math.sqrt(0.8 * (1 / 5 + 4 / 10)), 5);
    expect(leaveOneOut(x, [2, 4, 5, 4, 5]).map(({ n }) => n)).toEqual([4, 4, 4, 4, 4]);
  });

  test('accuracies are known by torchvision’s names too', () => {
    expect(publishedTop1('resnet18')).toBe(publishedTop1('ResNet-18'));
    expect(publishedTop1('mnasnet1_0')).toBeGreaterThan(70);
    expect(publishedTop1('phantom')).toBeNull();
  });
});

const facts: MethodFacts = {
  programVersion: '1.2.3',
  subjects: { train: 6, validation: 1, test: 3 },
  movieRuns: [{ name: 'run-1', timePoints: 240, trSeconds: 1 }],
  scans: 10,
  voxels: 28549,
  preparation: ['z-scored, float16'],
  embedding: {
    ...{ variant: 'lt', fbns: 64, settings: { learningRate: 0.01, batchSize: 16, seed: 0 }, epochs: 100, bestEpoch: 90 },
    ...{ provenance: { engine: 'onnxruntime', engineVersion: '1.30.0' }, explainedVariance: 0.123 },
  },
  frames: [{ width: 256, height: 180 }],
  models: [{ name: 'vgg16', architecture: 'vgg16', trainedOn: 'ImageNet', layers: 1, filters: 512 }],
  couplings: 2,
  directions: ['fbn-to-filter'],
  nulls: [{ method: 'circular-shift', surrogates: 239 }],
  forms: ['max'],
  isCompared: false,
};

describe('the methods paragraph', () => {
  test('says what was run, with versions, and cites in order', () => {
    const { text, references } = describeMethods(facts);
    for (const part of [
      '10 subjects (10 scans)',
      '64 functional',
      '100 epochs',
      'epoch 90',
      '12.3 %',
      'onnxruntime 1.30.0',
      '1.2.3',
      'all 239 circular shifts',
      '1/240',
    ])
      expect(text).toContain(part);
    const cited = [...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
    expect([...new Set(cited)]).toEqual(references.map((_, i) => i + 1));
  });

  test('says what was done to activations, and that layers were compared, where they were', () => {
    const forms = ['max', 'max · without luminance, cut · HRF with derivatives · lag 0–8 s'];
    const { text, references } = describeMethods({ ...facts, forms, isCompared: true });
    for (const part of ['luminance, cut of the movie', 'derivatives', 'by 0 to 8 s', 'ridge regression', 'kernel alignment'])
      expect(text).toContain(part);
    const cited = [...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
    expect([...new Set(cited)]).toEqual(references.map((_, i) => i + 1));
    const plain = describeMethods(facts).text;
    for (const part of ['under control', 'regressed out', 'ridge']) expect(plain).not.toContain(part);
  });

  test('and nothing that was not', () => {
    const { text, references } = describeMethods({ ...facts, nulls: [], directions: ['filter-to-fbn'], models: [] });
    expect(text).not.toContain('circular');
    expect(text).not.toContain('every FBN with the filter');
    expect(text).not.toContain('convolutional');
    expect(references.join()).not.toContain('Benjamini');
    const bare = describeMethods({ ...facts, couplings: 0, embedding: { ...facts.embedding, variant: 'ICA', epochs: 0 } }).text;
    expect(bare).not.toContain('Adam');
    expect(bare).toContain('64 functional brain networks (FBNs) were taken from ICA');
  });
});
