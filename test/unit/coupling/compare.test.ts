import { Matrix as DenseMatrix, SVD, solve } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { compareLayer } from '../../../src-main/coupling/compare-layer';
import { crossValidateRidge } from '../../../src-main/coupling/cross-validated-ridge';
import { multiplyTransposed } from '../../../src-main/coupling/product';
import { RIDGE_PENALTIES, solveRidge } from '../../../src-main/coupling/ridge';
import { toZScores, type SeriesMatrix } from '../../../src-main/coupling/series';
import { centredKernelAlignment, representationalSimilarity } from '../../../src-main/coupling/space-similarity';
import { centred, standardised, timeKernel } from '../../../src-main/coupling/time-kernel';
import { comparisonTables, hierarchyOf } from '../../../src-main/report/comparison-tables';
import { depthProfiles } from '../../../src-renderer/features/coupling/depth-profiles';
import { noise } from './made-up-series';

const dense = ({ rows, columns, data }: SeriesMatrix) => DenseMatrix.from1DArray(rows, columns, data);
const rowOf = ({ columns, data }: SeriesMatrix, i: number) => data.subarray(i * columns, (i + 1) * columns);

/** FBN 0 is a mixture of all filters, the same in every run; FBN 1 follows nothing. */
function mixture(seed: number, time = 80) {
  const [y, x] = [noise(10, time, seed), noise(2, time, seed + 1)];
  const weights = noise(1, 10, 99).data;
  for (let t = 0; t < time; t++) for (let f = 0; f < 10; f++) x.data[t]! += weights[f]! * y.data[f * time + t]!;
  return { x, y };
}

describe('ridge regression', () => {
  test('the dual coefficients solve the normal equations for every penalty at once', async () => {
    const [features, targets] = [noise(30, 12, 1), noise(3, 30, 2)];
    const kernel = { rows: 30, columns: 30, data: new Float64Array(900) };
    multiplyTransposed(features, features, { data: kernel.data, offset: 0, stride: 30 });
    const solutions = await solveRidge(kernel, targets, RIDGE_PENALTIES);
    const z = dense(features);
    RIDGE_PENALTIES.forEach((penalty, k) => {
      // Primal: (ZᵀZ + λ I) w = Zᵀ x, predictions Z w; dual: K α.
      const gram = z.transpose().mmul(z).add(DenseMatrix.eye(12).mul(penalty));
      const direct = z.mmul(solve(gram, z.transpose().mmul(dense(targets).transpose())));
      const dual = dense(kernel).mmul(dense(solutions[k]!).transpose());
      expect(DenseMatrix.sub(direct, dual).norm()).toBeLessThan(1e-6);
    });
  });

  test('predicts a run that took no part as the normal equations do with the penalty it chose', async () => {
    const runs = [1, 11, 21].map((seed) => mixture(seed));
    const [held] = (await crossValidateRidge(runs))!;
    expect(held!.r[0]).toBeGreaterThan(0.6);
    expect(Math.abs(held!.r[1]!)).toBeLessThan(0.3);
    // Features as [time, filters], the kernel's diagonal being 1 on average.
    const features = (run: number) => dense(standardised(runs[run]!.y)).transpose();
    const z = new DenseMatrix([...features(1).to2DArray(), ...features(2).to2DArray()]);
    const target = [1, 2].flatMap((run) => [...toZScores(rowOf(runs[run]!.x, 0))!]);
    const gram = z.transpose().mmul(z).div(10).add(DenseMatrix.eye(10).mul(held!.penalty[0]!));
    const weights = solve(gram, z.transpose().mmul(DenseMatrix.columnVector(target)).div(10));
    const predicted = features(0).mmul(weights).to1DArray();
    const truth = toZScores(rowOf(runs[0]!.x, 0))!;
    const z0 = toZScores(Float64Array.from(predicted))!;
    expect(held!.r[0]).toBeCloseTo(z0.reduce((sum, value, t) => sum + value * truth[t]!, 0) / 80, 5);
  });

  test('nothing of the run left out takes part in what predicts it, and a single run predicts nothing', async () => {
    const runs = [1, 11].map((seed) => mixture(seed));
    const before = await crossValidateRidge(runs);
    // Only the sign of the held-out run's truth changes: predictions and penalties stay.
    const turned = { ...runs[0]!, x: { ...runs[0]!.x, data: runs[0]!.x.data.map((value) => -value) } };
    const after = await crossValidateRidge([turned, runs[1]!]);
    expect(after![0]!.penalty).toEqual(before![0]!.penalty);
    expect(after![0]!.r[0]).toBeCloseTo(-before![0]!.r[0]!, 10);
    expect(await crossValidateRidge(runs.slice(0, 1))).toBeNull();
  });
});

test('the kernel of a few thousand series is that of all of them at once, in tiles', async () => {
  const many = noise(2100, 6, 3);
  const { data } = await timeKernel(many, many, centred);
  const direct = dense(centred(many))
    .transpose()
    .mmul(dense(centred(many)));
  expect(data[7]).toBeCloseTo(direct.get(1, 1), 8);
  expect(data[3 * 6 + 5]).toBeCloseTo(direct.get(3, 5), 8);
});

describe('alignment of spaces', () => {
  test('1 with itself and with itself rotated and scaled; near 0 for independent ones, unlike the biased form', async () => {
    const x = noise(20, 60, 1);
    expect((await centredKernelAlignment(x, x)).value).toBeCloseTo(1, 10);
    const rotation = new SVD(dense(noise(20, 20, 2))).leftSingularVectors;
    const rotated = rotation.mmul(dense(x)).mul(3);
    const y = { rows: 20, columns: 60, data: Float64Array.from(rotated.to1DArray()) };
    expect((await centredKernelAlignment(x, y)).value).toBeCloseTo(1, 10);
    const values = [];
    for (let seed = 10; seed < 30; seed++)
      values.push((await centredKernelAlignment(noise(20, 60, seed), noise(20, 60, seed + 500))).value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // The biased form of as many series and time points is near 20/60 and more.
    expect(Math.abs(mean)).toBeLessThan(0.02);
  });

  test('is the formula of Song et al., and its chance is that of shifted time', async () => {
    const [x, y] = [noise(3, 12, 1), noise(4, 12, 2)];
    const gram = (one: SeriesMatrix, shift = 0) => {
      const centredRows = Array.from({ length: one.rows }, (_, i) => {
        const row = [...rowOf(one, i)];
        const mean = row.reduce((a, b) => a + b, 0) / row.length;
        return row.map((_value, t) => row[(t - shift + row.length) % row.length]! - mean);
      });
      const matrix = new DenseMatrix(centredRows).transpose().mmul(new DenseMatrix(centredRows));
      for (let t = 0; t < 12; t++) matrix.set(t, t, 0);
      return matrix;
    };
    const hsic = (k: DenseMatrix, l: DenseMatrix) => {
      const crossed = k.mmul(l);
      return crossed.trace() + (k.sum() * l.sum()) / (11 * 10) - (2 * crossed.sum()) / 10;
    };
    const direct = (shift: number) => hsic(gram(x), gram(y, shift)) / Math.sqrt(hsic(gram(x), gram(x)) * hsic(gram(y), gram(y)));
    const { value, expected, p, shifts } = await centredKernelAlignment(x, y);
    expect(value).toBeCloseTo(direct(0), 10);
    const others = Array.from({ length: 11 }, (_, i) => direct(i + 1));
    expect(shifts).toBe(11);
    expect(expected).toBeCloseTo(others.reduce((a, b) => a + b, 0) / 11, 10);
    expect(p).toBeCloseTo((others.filter((other) => other >= value).length + 1) / 12, 12);
  });
});

describe('representational similarity', () => {
  test('is Spearman’s r of the dissimilarities of every two time points', async () => {
    const [x, y] = [noise(5, 9, 1), noise(6, 9, 2)];
    const dissimilarities = (one: SeriesMatrix) => {
      const z = Array.from({ length: one.rows }, (_, i) => toZScores(rowOf(one, i))!);
      const pattern = (t: number) => toZScores(Float64Array.from(z, (row) => row[t]!))!;
      const pairs = [];
      for (let t = 0; t < 9; t++)
        for (let u = t + 1; u < 9; u++)
          pairs.push(1 - pattern(t).reduce((sum, value, i) => sum + value * pattern(u)[i]!, 0) / one.rows);
      return pairs;
    };
    const ranks = (values: number[]) =>
      toZScores(Float64Array.from(values, (value) => values.filter((other) => other < value).length))!;
    const [a, b] = [ranks(dissimilarities(x)), ranks(dissimilarities(y))];
    const direct = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
    expect((await representationalSimilarity(x, y)).value).toBeCloseTo(direct, 10);
    expect((await representationalSimilarity(x, x)).value).toBeCloseTo(1, 12);
  });

  test('two series make no pattern: undefined', async () => {
    expect((await representationalSimilarity(noise(2, 20, 1), noise(5, 20, 2))).value).toBeNaN();
  });
});

describe('a layer compared as a whole', () => {
  const runs = [1, 11].map((seed, i) => ({ movieRun: `run-${i + 1}`, ...mixture(seed) }));

  test('is stored as it is, and makes a row for every run and FBN', async () => {
    const deep = await compareLayer(runs);
    const shallow = await compareLayer(runs.map((run, i) => ({ ...run, y: noise(10, 80, 700 + i) })));
    expect(JSON.parse(JSON.stringify(deep))).toEqual(deep);
    expect(deep.runs[0]!.ridge).toBeCloseTo(
      ((await crossValidateRidge(runs))![0]!.r[0]! + (await crossValidateRidge(runs))![0]!.r[1]!) / 2,
      10,
    );
    const named = [
      { model: 'net', layer: 'shallow', comparison: shallow },
      { model: 'net', layer: 'deep', comparison: deep },
    ];
    for (const build of Object.values(comparisonTables)) {
      const { rows, columns } = build(named);
      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
    }
    // FBN 0 is a mixture of the deep layer's filters.
    expect(comparisonTables.hierarchy!(named).rows[0]).toMatchObject({ fbn: 0, bestLayer: 'deep', bestDepth: 1 });
    expect((await compareLayer(runs.slice(0, 1))).ridgeOfFbns).toBeNull();
  });

  test('the centre of depth is that of what is above 0; what nothing predicts has none', () => {
    const layers = [
      [0.1, -0.2, null],
      [0.1, -0.1, null],
      [0.2, -0.3, null],
    ].map((ridgeOfFbns, i) => ({ model: 'net', layer: `layer${i}`, comparison: { runs: [], ridgeOfFbns } }));
    const [{ fbns }] = hierarchyOf(layers) as [ReturnType<typeof hierarchyOf>[number]];
    expect(fbns.map(({ fbn, best, centre }) => [fbn, best, centre])).toEqual([
      [0, 2, (0.1 * 0.5 + 0.2) / 0.4],
      [1, 1, null],
    ]);
    expect(hierarchyOf(layers.slice(0, 1))).toEqual([]);
    const table = Float64Array.of(1, 0.5, 0.1, 0.3, NaN, NaN, NaN, NaN);
    expect(depthProfiles(table, 2)).toEqual([{ fbn: 0, best: 1, centre: 0.5, r: Float64Array.of(0.1, 0.3) }]);
  });
});
