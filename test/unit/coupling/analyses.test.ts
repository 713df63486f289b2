import { describe, expect, test } from 'vitest';
import { analyseLayer } from '../../../src-main/coupling/analyse-layer';
import { ceilingOf } from '../../../src-main/coupling/ceiling';
import { correlateExactly } from '../../../src-main/coupling/correlate';
import { leaveOneRunOut, meanCorrelation, scoreHeldOut } from '../../../src-main/coupling/generalisation';
import { orthonormalBasis, partialOut } from '../../../src-main/coupling/partial';
import { analysisTables } from '../../../src-main/report/analysis-tables';
import { computeFrameFeatures, frameFeatures } from '../../../src-main/stimulus/frame-features';
import { framesInMemory } from '../../../src-preload/shared/domain/frames';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { noise, series } from './made-up-series';

/** FBN 0 follows filter 3 in every run, the others nothing. */
function planted(seed: number) {
  const [x, y] = [noise(4, 150, seed), noise(12, 150, seed + 1)];
  for (let t = 0; t < 150; t++) x.data[t]! += 1.5 * y.data[3 * 150 + t]!;
  return { x, y };
}

const float32 = (one: ReturnType<typeof noise>) => ({ ...one, data: new Float32Array(one.data) });

describe('leave one run out', () => {
  test('a planted pair carries over, unrelated ones do not, and the interval holds the mean', async () => {
    const result = await leaveOneRunOut([planted(1), planted(11), planted(21)]);
    for (const { partner, heldOut } of result.runs) {
      expect(partner[0]).toBe(3);
      expect(heldOut[0]).toBeGreaterThan(0.6);
    }
    const unrelated = result.runs.flatMap(({ heldOut }) => [...heldOut.subarray(1)]);
    expect(Math.abs(unrelated.reduce((sum, r) => sum + r, 0) / unrelated.length)).toBeLessThan(0.15);
    expect(result.stability[0]).toBe(1);
    expect(result.low).toBeLessThan(result.meanR);
    expect(result.high).toBeGreaterThan(result.meanR);
    expect(await leaveOneRunOut([planted(1), planted(11)])).toEqual(await leaveOneRunOut([planted(1), planted(11)]));
  });

  test('nothing of the run left out takes part in its pairing', async () => {
    const runs = [planted(1), planted(11), planted(21)];
    const before = await leaveOneRunOut(runs);
    const other = await leaveOneRunOut([planted(500), ...runs.slice(1)]);
    expect(other.runs[0]!.partner).toEqual(before.runs[0]!.partner);
  });

  test('a filter that answers once in a run is constant in many resamples, and still there is an interval', async () => {
    const run = (seed: number) => {
      const x = noise(1, 60, seed);
      const y = series(Array.from({ length: 60 }, (_, t) => (t === 17 ? 1 : 0.3)));
      x.data[17]! += 5;
      return { x, y };
    };
    const { low, meanR, high } = await leaveOneRunOut([run(1), run(2)]);
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThanOrEqual(meanR);
    expect(high).toBeGreaterThanOrEqual(meanR);
    expect(high).toBeLessThanOrEqual(1);
  });

  test('a constant FBN has no partner and no r', () => {
    const r = series([NaN, NaN], [0.5, 0.2]);
    const { partner, heldOut } = scoreHeldOut(r, series([0.1, 0.1], [0.3, 0.4]));
    expect(partner).toEqual([null, 0]);
    expect([...heldOut]).toEqual([NaN, 0.3]);
    expect(meanCorrelation([r, r]).data[2]).toBeCloseTo(0.5, 12);
  });
});

test('the ceiling is the inter-subject r, and only what subjects share counts towards it', () => {
  const shared = noise(1, 4000, 1);
  const subjects = [2, 3, 4].map((seed) => {
    const own = noise(1, 4000, seed);
    return float32({ ...own, data: own.data.map((value, t) => value + shared.data[t]!) });
  });
  const mean = float32({ ...shared, data: shared.data.map((_, t) => subjects.reduce((sum, one) => sum + one.data[t]!, 0) / 3) });
  const { raw, single, ceiling, ratio } = ceilingOf(subjects, mean, shared, [0]);
  // r(shared + own, shared) = 1/√2; with the mean of two others √(2/3) of that.
  expect(single[0]).toBeCloseTo(1 / Math.sqrt(2), 1);
  expect(ceiling[0]).toBeCloseTo(1 / Math.sqrt(2) / Math.sqrt(1.5), 1);
  expect(raw[0]).toBeGreaterThan(single[0]!);
  expect(ratio[0]).toBeCloseTo(single[0]! / ceiling[0]!, 12);
  expect(ceilingOf(subjects.slice(0, 1), mean, shared, [0]).ratio[0]).toBeNaN();
  expect(ceilingOf(subjects, mean, shared, [null]).raw[0]).toBeNaN();
});

describe('partialling out', () => {
  test('r of what is left is the partial correlation by its formula', async () => {
    const [x, y, z] = [noise(1, 200, 1), noise(1, 200, 2), noise(1, 200, 3)];
    for (let t = 0; t < 200; t++) {
      x.data[t]! += z.data[t]!;
      y.data[t]! += 2 * z.data[t]!;
    }
    const r = async (a: typeof x, b: typeof x) => (await correlateExactly(a, b)).data[0]!;
    const [xy, xz, yz] = [await r(x, y), await r(x, z), await r(y, z)];
    expect(await r(partialOut(x, z), partialOut(y, z))).toBeCloseTo(
      (xy - xz * yz) / Math.sqrt((1 - xz ** 2) * (1 - yz ** 2)),
      10,
    );
  });

  test('a series that is one of the confounds has nothing left: undefined, not 0; confounds that repeat count once', () => {
    const z = noise(2, 50, 1);
    z.data.set(z.data.subarray(0, 50), 50);
    expect(orthonormalBasis(z)).toHaveLength(1);
    expect(partialOut(z, z).data[0]).toBeNaN();
  });
});

test('features of frames: black, white with a cut, a checkerboard of edges and colour', async () => {
  const [width, height] = [8, 8];
  const frame = (of: (x: number, y: number) => [number, number, number]) =>
    Array.from({ length: width * height }, (_, p) => of(p % width, Math.floor(p / width))).flat();
  const pixels = Uint8Array.from([
    ...frame(() => [0, 0, 0]),
    ...frame(() => [255, 255, 255]),
    ...frame((x) => (x < 4 ? [255, 0, 0] : [0, 255, 0])),
  ]);
  const features = await computeFrameFeatures(framesInMemory(pixels, { width, height }), quietContext());
  const of = (name: (typeof frameFeatures)[number]) => [
    ...features.data.subarray(frameFeatures.indexOf(name) * 3).subarray(0, 3),
  ];
  expect(of('luminance').map(Math.round)).toEqual([0, 255, 113]);
  expect(of('contrast').map(Math.round)).toEqual([0, 0, 37]);
  expect(of('colourfulness').map(Math.round)).toEqual([0, 0, 293]);
  expect(of('cut')).toEqual([0, 1, 1]);
  expect(of('motion energy')[1]).toBeCloseTo(255 ** 2, 0);
  expect(of('edge density')[1]).toBe(0);
  expect(of('edge density')[2]).toBeCloseTo(12 / 64, 6);
});

test('the analysis of a layer as it is stored and shown', async () => {
  const runs = [1, 11].map((seed, run) => {
    const { x, y } = planted(seed);
    const subjects = [100, 200].map((own) => {
      const added = noise(4, 150, seed + own);
      return float32({ ...x, data: x.data.map((value, i) => value + 0.5 * added.data[i]!) });
    });
    const confounds = { names: ['first filter'], series: { ...y, rows: 1, data: y.data.subarray(3 * 150, 4 * 150) } };
    return { movieRun: `run-${run + 1}`, subjects, filters: y, confounds };
  });
  const analysis = await analyseLayer(runs);
  expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis);
  expect(analysis.generalisation!.meanR).toBeGreaterThan(0.1);
  expect(analysis.hubs[0]!.pairs).toBeGreaterThanOrEqual(2);
  const [{ confounds, halves, ratio }] = analysis.runs as [(typeof analysis.runs)[number]];
  expect(halves!.heldOut).toBeGreaterThan(0);
  expect(ratio).toBeGreaterThan(0);
  // The planted pair is the confound itself: what follows it most is FBN 0, and less is left without it.
  expect(confounds!.features[0]).toMatchObject({ name: 'first filter', fbn: 0 });
  expect(confounds!.partialMeanR!).toBeLessThan(confounds!.meanR!);
  for (const build of Object.values(analysisTables)) {
    const { rows, columns } = build([{ model: 'm', layer: 'l', analysis }]);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(Object.keys(row).sort()).toEqual(columns.map(({ name }) => name).sort());
  }
  const alone = await analyseLayer([{ ...runs[0]!, subjects: runs[0]!.subjects.slice(0, 1), confounds: null }]);
  expect(alone).toMatchObject({ generalisation: null, runs: [{ halves: null, confounds: null, ceiling: null }] });
});
