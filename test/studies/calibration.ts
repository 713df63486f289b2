import { correctPairs } from '../../src-main/coupling/corrected';
import { correlateExactly } from '../../src-main/coupling/correlate';
import type { EngineProduct } from '../../src-main/coupling/product';
import type { SeriesMatrix } from '../../src-main/coupling/series';
import { circularShifts, randomPhases } from '../../src-main/coupling/surrogates';
import { Random } from '../../src-main/phantom/random';

/** The p of the best filter of an FBN by each way of testing. */
export interface PairTest {
  paper: number;
  /** The t-test with effective N, and the same times the number of filters. */
  effective: number;
  bonferroni: number;
  /** Nulls of the maximum. */
  shift: number;
  phase: number;
  q: number;
  family: number;
}

export interface SimulatedProblem {
  phi: number;
  tests: PairTest[];
}

export const SIMULATION = { problems: 500, fbns: 8, filters: 64, time: 400, seed: 20221 } as const;
/** 0, 0.1 … 0.9. */
export const PHIS = Array.from({ length: 10 }, (_, i) => i / 10);

/** Problems of independent AR(1) series, FBNs and filters alike: whatever pairs come out are chance. */
export async function simulate(engine: EngineProduct, progress: (done: number) => void): Promise<SimulatedProblem[]> {
  const { problems, fbns, filters, time, seed } = SIMULATION;
  const results: SimulatedProblem[] = [];
  for (let problem = 0; problem < problems; problem++) {
    const phi = PHIS[problem % PHIS.length]!;
    const random = new Random(seed, `calibration ${problem}`);
    const [x, y] = [autoregressive(random, fbns, time, phi), autoregressive(random, filters, time, phi)];
    results.push({ phi, tests: await testPairs(x, y, engine) });
    progress(problem + 1);
  }
  return results;
}

/** The best filter of every FBN, tested every way; random phases on request, p of them NaN otherwise. */
export async function testPairs(
  x: SeriesMatrix,
  y: SeriesMatrix,
  { maxima, product }: EngineProduct,
  withPhases = true,
): Promise<PairTest[]> {
  const r = await correlateExactly(x, y);
  const request = { x, y, r, directions: ['fbn-to-filter'] as const };
  const [shift] = await correctPairs({ ...request, surrogates: circularShifts(x.columns) }, { maxima });
  const phases = () => randomPhases(x.columns, { samples: 199, seed: 1 }, product);
  const phase = withPhases ? (await correctPairs({ ...request, surrogates: phases() }, { maxima }))[0] : undefined;
  return shift!.pairs.map((pair, i) => ({
    ...{ paper: pair.p, effective: pair.pEffective, bonferroni: Math.min(1, pair.pEffective * y.rows) },
    ...{ shift: pair.pNull, phase: phase?.pairs[i]!.pNull ?? NaN, q: pair.q, family: pair.pFamily },
  }));
}

/** x_t = φ x_{t−1} + e_t from the stationary distribution. */
export function autoregressive(random: Random, rows: number, time: number, phi: number): SeriesMatrix {
  const data = new Float64Array(rows * time);
  const fresh = Math.sqrt(1 - phi * phi);
  for (let i = 0; i < rows; i++) {
    let value = random.normal();
    for (let t = 0; t < time; t++) {
      data[i * time + t] = value;
      value = phi * value + fresh * random.normal();
    }
  }
  return { rows, columns: time, data };
}

/** Share of p at most 0.05, and its standard error over the problems (the pairs of one problem share filters). */
export function rejectionRate<Way extends string>(
  problems: readonly Record<Way, number>[][],
  name: Way,
): { share: number; error: number } {
  const shares = problems.map((tests) => tests.filter((test) => test[name] <= 0.05).length / tests.length);
  const share = shares.reduce((sum, value) => sum + value, 0) / shares.length;
  const variance = shares.reduce((sum, value) => sum + (value - share) ** 2, 0) / (shares.length - 1);
  return { share, error: Math.sqrt(variance / shares.length) };
}
