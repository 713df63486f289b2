import type { ResponseModel } from '../../src-preload/shared/domain/controls';
import type { SeriesMatrix } from './series';

/** Seconds after which the response is over. */
const DURATION = 32;
/** Of SPM's canonical response: delays of peak and undershoot in seconds, their dispersion, peak over undershoot. */
const PEAK = 6;
const UNDERSHOOT = 16;
const RATIO = 6;
/** Steps of SPM's derivatives: one second, a hundredth of the dispersion. */
const ONSET_STEP = 1;
const DISPERSION_STEP = 0.01;

/**
 * The canonical response h(t) = g(t; 6, d) − g(t; 16, 1) / 6, g the gamma density of that shape and scale d (dispersion), at
 * t = 0, TR, 2 TR … 32 s, of sum 1; with its derivatives, (h(t) − h(t − 1 s)) / 1 s and (h(t; 1) − h(t; 1.01)) / 0.01.
 * @returns one kernel per regressor, the canonical one first; none where no response is modelled
 * @see Friston et al. 1998 (spm_hrf, spm_get_bf)
 */
export function responseKernels(response: ResponseModel, trSeconds: number): Float64Array[] {
  if (response === 'none') return [];
  const times = Float64Array.from({ length: Math.floor(DURATION / trSeconds) + 1 }, (_, i) => i * trSeconds);
  const sum = times.reduce((total, t) => total + doubleGamma(t, 1), 0);
  const canonical = times.map((t) => doubleGamma(t, 1) / sum);
  if (response === 'canonical') return [canonical];
  return [
    canonical,
    times.map((t, i) => (canonical[i]! - doubleGamma(t - ONSET_STEP, 1) / sum) / ONSET_STEP),
    times.map((t, i) => (canonical[i]! - doubleGamma(t, 1 + DISPERSION_STEP) / sum) / DISPERSION_STEP),
  ];
}

function doubleGamma(t: number, dispersion: number): number {
  return gammaDensity(t, PEAK / dispersion, dispersion) - gammaDensity(t, UNDERSHOOT, 1) / RATIO;
}

/** Density of the gamma distribution, of any real shape. */
function gammaDensity(t: number, shape: number, scale: number): number {
  if (t <= 0) return 0;
  return Math.exp((shape - 1) * Math.log(t / scale) - t / scale - logGamma(shape)) / scale;
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Lanczos' approximation, right to 15 digits for arguments above 0.5. */
function logGamma(value: number): number {
  const z = value - 1;
  const sum = lanczos.reduce((total, coefficient, i) => total + coefficient / (z + i + 1), 0.99999999999980993);
  const t = z + lanczos.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Series as the blood would follow them: s'(t) = Σ_k h(k) (s(t − k) − mean), as if they had been at their mean before the run.
 * @param series [series, time]
 * @returns [series, time]; a series that is not finite stays so
 */
export function convolve({ rows, columns, data }: SeriesMatrix, kernel: Float64Array): SeriesMatrix & { data: Float64Array } {
  const result = { rows, columns, data: new Float64Array(rows * columns) };
  const centred = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    centred.set(data.subarray(i * columns, (i + 1) * columns));
    const mean = centred.reduce((sum, value) => sum + value, 0) / columns;
    const isConstant = centred.every((value) => value === centred[0]);
    // A mean that is off by rounding would make a constant series vary.
    for (let t = 0; t < columns; t++) centred[t] = isConstant ? 0 : centred[t]! - mean;
    for (let t = 0; t < columns; t++) {
      let sum = 0;
      const past = Math.min(t, kernel.length - 1);
      for (let k = 0; k <= past; k++) sum += kernel[k]! * centred[t - k]!;
      result.data[i * columns + t] = sum;
    }
  }
  return result;
}
