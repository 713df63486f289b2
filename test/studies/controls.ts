import { controlledNullMaxima } from '../../src-main/coupling/controlled-null';
import { ControlledSeries, type ControlSettings } from '../../src-main/coupling/controlled-series';
import { summariseNull, ROUNDING } from '../../src-main/coupling/circular-shift-null';
import { nullMaxima } from '../../src-main/coupling/null-maxima';
import { controlledTests } from '../../src-main/coupling/pair-tests';
import { removeDirections } from '../../src-main/coupling/partial';
import type { EngineProduct } from '../../src-main/coupling/product';
import { toUnitSeries, type SeriesMatrix } from '../../src-main/coupling/series';
import { circularShifts, type Surrogates } from '../../src-main/coupling/surrogates';
import { Random } from '../../src-main/phantom/random';
import { autoregressive } from './calibration';

export const CONTROLS = { problems: 300, fbns: 8, filters: 32, time: 300, confounds: 3, phis: [0, 0.5, 0.9], seed: 31 } as const;

/** Ways of testing the best filter of an FBN, where both follow confounds of the movie and nothing else of each other. */
export const controlWays = {
  ignored: 'confounds left in',
  paper: 'confounds out, paper’s p',
  residual: 'residuals shifted',
  raw: 'activations shifted, then confounds out',
  both: 'residuals shifted, confounds out again',
  lag: 'the same, best lag of 0–4',
  outside: 'best lag chosen before the null',
  derivatives: 'the same, HRF with derivatives',
} as const;

export type ControlTest = Record<keyof typeof controlWays, number>;

/** p of every FBN's best filter, by problem and φ. */
export async function simulateControls(
  engine: EngineProduct,
  progress: (done: number) => void,
): Promise<{ phi: number; tests: ControlTest[] }[]> {
  const { problems, phis, seed } = CONTROLS;
  const results = [];
  for (let problem = 0; problem < problems; problem++) {
    const phi = phis[problem % phis.length]!;
    results.push({ phi, tests: await testProblem(new Random(seed, `controls ${problem}`), phi, engine) });
    progress(problem + 1);
  }
  return results;
}

async function testProblem(random: Random, phi: number, engine: EngineProduct): Promise<ControlTest[]> {
  const { fbns, filters, time, confounds: count } = CONTROLS;
  // Confounds of a movie change slowly whatever the rest does.
  const confounds = autoregressive(random, count, time, 0.9);
  const following = (rows: number): SeriesMatrix => {
    const series = autoregressive(random, rows, time, phi);
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < count; k++) {
        const weight = random.normal();
        for (let t = 0; t < time; t++) series.data[i * time + t]! += weight * confounds.data[k * time + t]!;
      }
    return series;
  };
  const [x, y] = [following(fbns), following(filters)];
  const settings: ControlSettings = { response: 'none', lags: [0], trSeconds: 1, confounds };
  const plain = new ControlledSeries(x, y, settings);
  const scanned = new ControlledSeries(x, y, { ...settings, lags: [0, 1, 2, 3, 4] });
  const derived = new ControlledSeries(x, y, { ...settings, response: 'derivatives' });
  const shifts = circularShifts(time);
  const residuals = plain.delayed(0, filters).canonical;
  const { maxima } = engine;
  const ps = (nulls: SeriesMatrix) =>
    Array.from({ length: fbns }, (_, fbn) => {
      const own = Float64Array.from(nulls.data.subarray(fbn * nulls.columns, (fbn + 1) * nulls.columns));
      return summariseNull(own, ROUNDING.float32).p;
    });
  const controlled = async (series: ControlledSeries) =>
    ps(await controlledNullMaxima(series, circularShifts(series.timePoints), engine));
  const all = {
    ignored: ps(await nullMaxima(x, y, shifts, { maxima })),
    paper: await paperOf(plain),
    residual: ps(await nullMaxima(plain.x, residuals, shifts, { maxima })),
    raw: ps(await nullMaxima(x, residuals, regressedAfter(x, plain), { maxima })),
    both: await controlled(plain),
    lag: await controlled(scanned),
    outside: await outsideOf(scanned, x, y, settings, engine),
    derivatives: await controlled(derived),
  };
  return Array.from({ length: fbns }, (_, fbn) => {
    return Object.fromEntries(Object.entries(all).map(([way, own]) => [way, own[fbn]!])) as ControlTest;
  });
}

async function paperOf(series: ControlledSeries): Promise<number[]> {
  const { r } = await series.correlations();
  const { p } = controlledTests(series);
  return Array.from({ length: r.rows }, (_, fbn) => p(Math.max(...r.data.subarray(fbn * r.columns, (fbn + 1) * r.columns))));
}

/** Copies of the activations with the confounds in them, which are regressed out of every copy. */
function regressedAfter(x: SeriesMatrix, { basis }: ControlledSeries): Surrogates {
  const { rows, make } = circularShifts(x.columns);
  return {
    rows,
    async make(series) {
      const copies = await make(series, 0);
      const { data } = toUnitSeries(removeDirections({ rows, columns: x.columns, data: copies }, basis));
      copies.set(data);
      return copies;
    },
  };
}

/** What goes wrong where the lag is chosen first and its r tested as if it had been the only one. */
async function outsideOf(
  scanned: ControlledSeries,
  x: SeriesMatrix,
  y: SeriesMatrix,
  settings: ControlSettings,
  engine: EngineProduct,
): Promise<number[]> {
  const { r, lag } = await scanned.correlations();
  const result: number[] = [];
  const nulls = new Map<number, SeriesMatrix>();
  for (let fbn = 0; fbn < r.rows; fbn++) {
    const own = r.data.subarray(fbn * r.columns, (fbn + 1) * r.columns);
    const best = own.indexOf(Math.max(...own));
    const chosen = lag!.data[fbn * r.columns + best]!;
    if (!nulls.has(chosen)) {
      const single = new ControlledSeries(x, y, { ...settings, lags: [chosen] });
      nulls.set(chosen, await controlledNullMaxima(single, circularShifts(single.timePoints), engine));
    }
    const { columns, data } = nulls.get(chosen)!;
    const others = Float64Array.from(data.subarray(fbn * columns, (fbn + 1) * columns));
    others[0] = own[best]!;
    result.push(summariseNull(others, ROUNDING.float32).p);
  }
  return result;
}
