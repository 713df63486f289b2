import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { InterSubjectCorrelation } from '../embedding/quality/inter-subject';
import { toUnitSeries, type SeriesMatrix } from './series';

/** The formula of the ceiling in one line, for reports. */
export const CEILING_RULE =
  'r of single subjects / leave-one-out inter-subject r: mean over subjects of r(subject, filter), over that of r(subject, mean of the others)';

/** How much of what subjects share a pair explains, by FBN; NaN where undefined. */
export interface Ceiling {
  /** r of the mean over subjects with the partner, as everywhere else. */
  raw: Float64Array;
  /** Mean over subjects (Fisher's z) of r of one subject's activation with the partner. */
  single: Float64Array;
  /** Mean over subjects (Fisher's z) of r of one subject's activation with the mean of the others'. */
  ceiling: Float64Array;
  /** single / ceiling; NaN where the ceiling is not above zero. */
  ratio: Float64Array;
}

/**
 * What no model of the movie can explain is what subjects do not share: leave-one-out inter-subject correlation bounds r of a single
 * subject. Compared with it is r of single subjects, not that of their mean, in which what they do not share is averaged out.
 * @param subjects FBN activations [fbns, time] of each subject over one movie run; two or more for a ceiling
 * @param mean their mean [fbns, time]
 * @param y filter activations [filters, time]
 * @param partner the filter of each FBN; null where there is none
 * @see Nastase et al. 2019; Schoppe et al. 2016
 */
export function ceilingOf(
  subjects: readonly Matrix[],
  mean: SeriesMatrix,
  y: SeriesMatrix,
  partner: readonly (number | null)[],
): Ceiling {
  const between = new InterSubjectCorrelation(mean.rows);
  between.add(
    subjects.map((subject) => () => subject),
    mean.columns,
  );
  const ceiling = between.means();
  const uy = toUnitSeries(y);
  const rWith = (series: SeriesMatrix) => {
    const ux = toUnitSeries(series);
    return partner.map((filter, fbn) => {
      if (filter === null || !ux.defined[fbn] || !uy.defined[filter]) return NaN;
      let r = 0;
      for (let t = 0; t < mean.columns; t++) r += ux.data[fbn * ux.columns + t]! * uy.data[filter * uy.columns + t]!;
      return r;
    });
  };
  const raw = Float64Array.from(rWith(mean));
  const each = subjects.map(rWith);
  const single = raw.map((_, fbn) => Math.tanh(each.reduce((sum, r) => sum + Math.atanh(r[fbn]!), 0) / each.length));
  const ratio = single.map((r, fbn) => (ceiling[fbn]! > 0 ? r / ceiling[fbn]! : NaN));
  return { raw, single, ceiling, ratio };
}
