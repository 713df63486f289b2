import type { LayerAnalysis } from '../../src-preload/shared/contract/analyses';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { averageOverSubjects } from '../embedding/encode';
import { ceilingOf } from './ceiling';
import { correlateExactly } from './correlate';
import { leaveOneRunOut, meanOf, scoreHeldOut, type Generalisation } from './generalisation';
import { bestFilterOfFbn } from './pairs';
import { partialOut } from './partial';
import type { SeriesMatrix } from './series';

/** A movie run of a layer: FBN activations of each test subject and filter activations, all over the same time points. */
export interface AnalysedRun {
  movieRun: string;
  subjects: Matrix[];
  filters: SeriesMatrix;
  /** Confound series of the movie [features, time], with their names; null where the movie's frames are not there. */
  confounds: { names: readonly string[]; series: SeriesMatrix } | null;
}

/** What is known of the pairs of a layer beyond their p: whether they carry over, how near to the ceiling they are, what confounds do. */
export async function analyseLayer(runs: readonly AnalysedRun[], seed = 0): Promise<LayerAnalysis> {
  const coupled = runs.map(({ subjects, filters }) => ({ x: averageOverSubjects(subjects), y: filters }));
  const perRun: LayerAnalysis['runs'] = [];
  const partners: (number | null)[][] = [];
  for (const [index, run] of runs.entries()) {
    const { x, y } = coupled[index]!;
    const r = await correlateExactly(x, y);
    const partner = bestFilterOfFbn(r);
    partners.push(partner);
    const { raw, single, ceiling, ratio } = ceilingOf(run.subjects, x, y, partner);
    perRun.push({
      ...{ movieRun: run.movieRun, subjects: run.subjects.length },
      ...{ raw: known(meanOf(raw)), single: known(meanOf(single)), ceiling: known(meanOf(ceiling)), ratio: known(meanOf(ratio)) },
      halves: await compareHalves(run),
      confounds: run.confounds ? await explainByConfounds(x, y, partner, raw, run.confounds) : null,
    });
  }
  return {
    generalisation: runs.length > 1 ? describe(await leaveOneRunOut(coupled, seed), runs) : null,
    runs: perRun,
    hubs: countHubs(partners),
  };
}

function describe(
  { runs: held, stability, ...rest }: Generalisation,
  runs: readonly AnalysedRun[],
): LayerAnalysis['generalisation'] {
  return {
    ...{ meanR: known(rest.meanR), low: known(rest.low), high: known(rest.high), block: rest.block, resamples: rest.resamples },
    stability: known(meanOf(stability)),
    runs: held.map(({ meanR, inSample }, i) => ({
      ...{ movieRun: runs[i]!.movieRun, heldOut: known(meanR), inSample: known(meanOf(inSample)) },
    })),
  };
}

/** Pairs found with every other subject, scored on the rest: whether they depend on who was scanned. */
async function compareHalves({ subjects, filters }: AnalysedRun): Promise<LayerAnalysis['runs'][number]['halves']> {
  if (subjects.length < 2) return null;
  const half = (rest: number) => averageOverSubjects(subjects.filter((_, i) => i % 2 === rest));
  const [first, second] = [await correlateExactly(half(0), filters), await correlateExactly(half(1), filters)];
  const [forth, back] = [scoreHeldOut(first, second), scoreHeldOut(second, first)];
  const both = forth.partner.flatMap((filter, fbn) =>
    filter === null || back.partner[fbn] === null ? [] : [filter === back.partner[fbn]],
  );
  return {
    same: known(both.filter(Boolean).length / both.length),
    heldOut: known((meanOf(forth.heldOut) + meanOf(back.heldOut)) / 2),
  };
}

/** r of each confound with the FBNs, and what is left of the pairs' r once all are partialled out of both sides. */
async function explainByConfounds(
  x: SeriesMatrix,
  y: SeriesMatrix,
  partner: readonly (number | null)[],
  raw: Float64Array,
  { names, series }: NonNullable<AnalysedRun['confounds']>,
): Promise<LayerAnalysis['runs'][number]['confounds']> {
  const r = await correlateExactly(series, x);
  const left = await correlateExactly(partialOut(x, series), partialOut(y, series));
  const partial = partner.map((filter, fbn) => (filter === null ? NaN : left.data[fbn * left.columns + filter]!));
  return {
    meanR: known(meanOf(raw)),
    partialMeanR: known(meanOf(partial)),
    features: names.map((name, feature) => {
      const own = [...r.data.subarray(feature * r.columns, (feature + 1) * r.columns)];
      const strongest = own.reduce((best, value, fbn) => (Math.abs(value) > Math.abs(own[best] ?? 0) ? fbn : best), 0);
      const sizes = own.map(Math.abs);
      return {
        name,
        meanAbsR: known(meanOf(sizes)),
        fbn: Number.isNaN(own[strongest]!) ? null : strongest,
        r: known(own[strongest]!),
      };
    }),
  };
}

const MOST_HUBS = 10;

/** Filters that are the best one of many FBNs, over all runs. */
function countHubs(partners: readonly (number | null)[][]): LayerAnalysis['hubs'] {
  const counts = new Map<number, number>();
  for (const filter of partners.flat()) if (filter !== null) counts.set(filter, (counts.get(filter) ?? 0) + 1);
  return [...counts]
    .map(([filter, pairs]) => ({ filter, pairs }))
    .sort((a, b) => b.pairs - a.pairs || a.filter - b.filter)
    .slice(0, MOST_HUBS);
}

/** JSON knows no NaN. */
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
