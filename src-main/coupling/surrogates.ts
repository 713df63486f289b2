import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { Generator } from '../embedding/generator';
import { carriedAround } from './circulant-folds';
import { multiplyTransposed, type SeriesProduct } from './product';
import { toUnitSeries } from './series';

type Numbers = Float32Array | Float64Array;

/** Copies of an FBN's series that have its autocorrelation but no relation to the movie. The same draw for every FBN. */
export interface Surrogates {
  /** Number of copies and the series itself: 1 + n. */
  rows: number;
  /** Whether they are all circular shifts, which need not be written out one by one. */
  areShifts?: boolean;
  /**
   * @param series a unit series [time]
   * @param fbn which FBN's it is
   * @returns [rows, time] of unit series, the series itself first
   */
  make<Of extends Numbers>(series: Of, fbn: number): Of | Promise<Of>;
}

/**
 * All circular shifts: row s is the series carried around the run by s time points, s = 0 … N−1. The null is exact and not
 * sampled. It takes the run's end to go on at its start, which is harmless where the run is long beside the autocorrelation.
 */
export function circularShifts(time: number): Surrogates {
  return { rows: time, areShifts: true, make: (series) => carriedAround(series) };
}

/** How many copies are drawn, and by which seed. */
export interface Draw {
  samples: number;
  seed: number;
}

/**
 * Random phases: the power spectrum, and so the autocorrelation around the run, is kept, every frequency's phase is turned by an
 * angle that is the same for all FBNs (Theiler et al. 1992; Prichard & Theiler 1994). With the Fourier basis written out as an
 * orthonormal matrix any length serves and the copies are one product.
 * @param product does that product elsewhere
 */
export function randomPhases(time: number, { samples, seed }: Draw, product?: SeriesProduct): Surrogates {
  const basis = fourierBasis(time);
  const generator = Generator.fromSeed(seed);
  const frequencies = Math.ceil(time / 2) - 1;
  const angles = Float64Array.from({ length: samples * frequencies }, () => 2 * Math.PI * uniform(generator));
  const signs = Array.from({ length: samples }, () => (uniform(generator) < 0.5 ? -1 : 1));
  // Columns of the basis as rows: copies = turned coefficients · basis.
  const transposed = transpose(basis);
  const matrix = product && { rows: time, columns: transposed.columns, data: new Float32Array(transposed.data) };
  return {
    rows: 1 + samples,
    async make(series) {
      const coefficients = new Float64Array(basis.rows);
      multiplyTransposed({ rows: 1, columns: time, data: Float64Array.from(series) }, basis, {
        ...{ data: coefficients, offset: 0, stride: basis.rows },
      });
      const turned = { rows: samples, columns: basis.rows, data: new Float64Array(samples * basis.rows) };
      for (let sample = 0; sample < samples; sample++) {
        const to = turned.data.subarray(sample * basis.rows, (sample + 1) * basis.rows);
        for (let k = 0; k < frequencies; k++) {
          const [cosine, sine] = [Math.cos(angles[sample * frequencies + k]!), Math.sin(angles[sample * frequencies + k]!)];
          const [a, b] = [coefficients[2 * k]!, coefficients[2 * k + 1]!];
          to[2 * k] = a * cosine - b * sine;
          to[2 * k + 1] = a * sine + b * cosine;
        }
        if (time % 2 === 0) to[basis.rows - 1] = signs[sample]! * coefficients[basis.rows - 1]!;
      }
      const data = emptyLike(series, (1 + samples) * time);
      data.set(series);
      if (product && matrix) data.set((await product({ ...turned, data: new Float32Array(turned.data) }, matrix)).data, time);
      else multiplyTransposed(turned, transposed, { data, offset: time, stride: time });
      return data;
    },
  };
}

/**
 * Subject-wise: every subject's series is carried around the run by an amount of its own, and the mean over the subjects taken
 * again, which breaks what they share with the movie and with each other (Kauppi et al. 2010).
 * @param subjects FBN activations [fbns, time] of every subject, as they are averaged
 */
export function shiftedSubjects(subjects: readonly Matrix[], { samples, seed }: Draw): Surrogates {
  const time = subjects[0]!.columns;
  const generator = Generator.fromSeed(seed);
  const shifts = Array.from({ length: samples }, () => subjects.map(() => Math.floor(uniform(generator) * time)));
  return {
    rows: 1 + samples,
    make(series, fbn) {
      const sums = { rows: samples, columns: time, data: new Float64Array(samples * time) };
      shifts.forEach((own, sample) => {
        const to = sums.data.subarray(sample * time, (sample + 1) * time);
        own.forEach((shift, subject) => {
          const from = subjects[subject]!.data.subarray(fbn * time, (fbn + 1) * time);
          for (let t = 0; t < time - shift; t++) to[t + shift]! += from[t]!;
          for (let t = time - shift; t < time; t++) to[t + shift - time]! += from[t]!;
        });
      });
      const data = emptyLike(series, (1 + samples) * time);
      data.set(series);
      data.set(toUnitSeries(sums).data, time);
      return data;
    },
  };
}

/** Orthonormal cosines and sines of frequencies 1, 2, … in turn, and the alternating series where time is even: [rows, time]. */
function fourierBasis(time: number) {
  const data = new Float64Array((time - 1) * time);
  for (let row = 0; row < time - 1; row++) {
    const frequency = (row >> 1) + 1;
    const isAlternating = time % 2 === 0 && row === time - 2;
    const scale = Math.sqrt((isAlternating ? 1 : 2) / time);
    const wave = row % 2 === 0 ? Math.cos : Math.sin;
    // Angles beyond a full turn lose accuracy.
    for (let t = 0; t < time; t++) data[row * time + t] = scale * wave((2 * Math.PI * ((frequency * t) % time)) / time);
  }
  return { rows: time - 1, columns: time, data };
}

function transpose({ rows, columns, data }: { rows: number; columns: number; data: Float64Array }) {
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j]!;
  return { rows: columns, columns: rows, data: result };
}

function uniform(generator: Generator): number {
  return generator.nextUint32() / 2 ** 32;
}

/** Zeros of the same type. */
function emptyLike<Of extends Numbers>(like: Of, length: number): Of {
  return (like instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as Of;
}
