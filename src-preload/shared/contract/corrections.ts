import type { ResponseModel } from '../domain/controls';

/** How null copies of the FBN activations are made. */
export interface NullSettings {
  method: 'circular-shift' | 'phase' | 'subjects';
  /** Copies drawn and the seed they are drawn by; circular shifts are all taken instead. */
  samples: number;
  seed: number;
}

/** Corrected significance of a coupling as a whole. */
export interface CorrectionSummary {
  /** Number of null copies. */
  surrogates: number;
  expectedMeanR: number;
  deviationOfMeanR: number;
  /** Mean r less what is expected under the null, and in deviations of it. */
  matchedMeanR: number;
  z: number;
  pOfMeanR: number;
  /** Pairs that are not significant at 0.05 by the null of the maximum, by its Benjamini–Hochberg q, family-wise. */
  notSignificantNull: number;
  notSignificantQ: number;
  notSignificantFamily: number;
}

/** Corrected significance of the pairs, in their order. */
export interface CorrectionPart {
  summary: CorrectionSummary;
  effectiveN: Float64Array;
  pEffective: Float64Array;
  pNull: Float64Array;
  q: Float64Array;
  pFamily: Float64Array;
  /** 1 where each is the other's best. */
  mutual: Uint8Array;
}

/** What is done to activations before they are correlated. */
export interface ControlTask {
  response: ResponseModel;
  /** Delays that are tried, in TRs, rising. */
  lags: number[];
  trSeconds: number;
  /** null: none. */
  confounds: {
    /** Rows of what the picture does, in the order of frameFeatures; kept by this key, else computed of the frames file. */
    key: string;
    frames: string;
    rows: number[];
    /** How loud the movie is, kept likewise; null: not a confound. */
    sound: { key: string; video: string; trSeconds: number; offsetSeconds: number; count: number } | null;
  } | null;
}

export interface CoupleTask {
  activations: string;
  /** null: paper mode only. */
  correction: NullSettings | null;
  couplings: {
    key: string;
    embeddingKey: string;
    /** Keys of the runs whose FBN activations are averaged. */
    runs: string[];
    filterActivation: string;
    timePoints: number;
    /** null: activations as they are, as in the paper. */
    controls: ControlTask | null;
    directions: ('fbn-to-filter' | 'filter-to-fbn')[];
    /** Key of the correction, and of the null that is kept of it. */
    correctionKey: string | null;
  }[];
}

export interface CouplingPart {
  index: number;
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  fbns: number;
  filters: number;
  /** Those that were correlated: lags cost some. */
  timePoints: number;
  undefinedPairs: number;
  meanR: number | null;
  notSignificant: number;
  /** `lag`: the delay that was chosen, in TRs; null where there was no choice. */
  pairs: { fbn: Int32Array; filter: Int32Array; r: Float64Array; p: Float64Array; lag: Int32Array | null };
  correction: CorrectionPart | null;
}
