import type { Matrix } from '../../src-preload/shared/domain/matrix';

/**
 * All circular shifts of a series [u; v] are the rows of a circulant matrix [[A, B], [B, A]], and its product with a filter [a; b] is
 * p + q in the first half of the shifts and p − q in the second, with p = ½ (A + B)(a + b) and q = ½ (A − B)(a − b). A + B is the
 * circulant matrix of u + v and can be folded again; A − B is skew: the circulant one of u − v with what comes around negated. Every
 * fold leaves out half of what is left of the multiplications: two of them, 5/8.
 */

/** More folds leave out little more, and make small products that the engine is no faster at. */
const MOST_FOLDS = 3;

/** How often a run of so many time points can be folded; odd ones cannot. */
export function foldsOf(time: number): number {
  let folds = 0;
  while (folds < MOST_FOLDS && time % 2 === 0) {
    time /= 2;
    folds++;
  }
  return folds;
}

/** ½ (u − v) of every fold, longest first, and ½ (u + v) of the last. */
export function foldSeries(series: Float32Array, folds: number): { differences: Float32Array[]; sum: Float32Array } {
  const differences: Float32Array[] = [];
  let sum = series;
  for (let fold = 0; fold < folds; fold++) {
    const half = sum.length / 2;
    const whole = sum;
    differences.push(Float32Array.from({ length: half }, (_, t) => (whole[t]! - whole[t + half]!) / 2));
    sum = Float32Array.from({ length: half }, (_, t) => (whole[t]! + whole[t + half]!) / 2);
  }
  return { differences, sum };
}

/**
 * a − b of every fold, longest first, and a + b of the last: the other side of foldSeries, without the factor.
 * @param rows float32 [series, time]
 * @returns folds + 1 matrices [series, time / 2], [series, time / 4] …; the last two are equally long
 */
export function foldRows(rows: Matrix, folds: number): Matrix[] {
  const parts: Matrix[] = [];
  let rest = rows;
  for (let fold = 0; fold < folds; fold++) {
    parts.push(halved(rest, -1));
    rest = halved(rest, 1);
  }
  return [...parts, rest];
}

function halved({ rows, columns, data }: Matrix, sign: 1 | -1): Matrix {
  const half = columns / 2;
  const result = new Float32Array(rows * half);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    for (let t = 0; t < half; t++) result[i * half + t] = data[at + t]! + sign * data[at + half + t]!;
  }
  return { rows, columns: half, data: result };
}

/** Row s is the series carried around by s time points. */
export function circulant(series: Float32Array): Matrix {
  return { rows: series.length, columns: series.length, data: carriedAround(series) };
}

/** The same, negated where it has come around. */
export function skewCirculant(series: Float32Array): Matrix {
  const negated = series.map((value) => -value);
  return { rows: series.length, columns: series.length, data: carriedAround(series, negated) };
}

/** @returns [shift, time], of the series' own type */
export function carriedAround<Of extends Float32Array | Float64Array>(series: Of, comingAround: Of = series): Of {
  const time = series.length;
  const length = time * time;
  const data = (series instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as Of;
  for (let shift = 0; shift < time; shift++) {
    data.set(comingAround.subarray(time - shift), shift * time);
    data.set(series.subarray(0, time - shift), shift * time + shift);
  }
  return data;
}
