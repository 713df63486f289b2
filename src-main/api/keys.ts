import { cacheKey } from '../files/hash';

/**
 * Versions of the code behind each derived thing. Raise one when the same inputs would give other numbers: what was made by the
 * older code is stale from then on.
 */
const codeVersions = {
  run: 1,
  movie: 1,
  embedding: 1,
  decomposition: 1,
  externalEmbedding: 1,
  filterActivation: 1,
  coupling: 1,
  correction: 1,
  confounds: 1,
  analysis: 1,
  comparison: 1,
  assessment: 1,
  splitHalf: 1,
  termMaps: 1,
  decoding: 1,
  spatialNull: 1,
  filterImages: 1,
  dissection: 1,
} as const;

export interface RunKeyParts {
  sourceHash: string;
  confoundsHash: string | null;
  maskHash: string;
  /** detrend, confounds, anti-alias, data type. */
  parameters: Record<string, unknown>;
}

export function runKey(parts: RunKeyParts): string {
  return cacheKey({ kind: 'run', code: codeVersions.run, ...parts });
}

export interface MovieKeyParts {
  sourceHash: string;
  trSeconds: number;
  offsetSeconds: number;
  width: number;
  height: number;
  frames: number;
}

export function movieKey(parts: MovieKeyParts): string {
  return cacheKey({ kind: 'movie', code: codeVersions.movie, ...parts });
}

export interface EmbeddingKeyParts {
  variant: string;
  /** FBNs, epochs, batch size, learning rate, seed, … */
  settings: Record<string, unknown>;
  maskHash: string;
  trainRuns: readonly string[];
  validationRuns: readonly string[];
  /** The device computed on: other devices round differently. */
  device: string;
  engine: string;
  /** What of the engine computes, where its device leaves that open. */
  provider?: string;
}

export function embeddingKey(parts: EmbeddingKeyParts): string {
  return cacheKey({ kind: 'embedding', code: codeVersions.embedding, ...parts });
}

/** @param parts method with its settings, and keys of the runs */
export function decompositionKey(
  parts: Omit<EmbeddingKeyParts, 'variant' | 'validationRuns' | 'device'> & { method: string },
): string {
  return cacheKey({ kind: 'decomposition', code: codeVersions.decomposition, ...parts });
}

/** @param parts hash of the maps, and keys of the activations that came with them */
export function externalEmbeddingKey(parts: {
  maps: string;
  maskHash: string;
  activations: readonly string[] | 'dual-regression';
}): string {
  return cacheKey({ kind: 'external-embedding', code: codeVersions.externalEmbedding, ...parts });
}

export interface FilterActivationKeyParts {
  modelHash: string;
  layer: string;
  reducer: string;
  /** Left out for the paper's rule, the last frame of each TR. */
  frames?: 'mean';
  preprocessing: unknown;
  movie: string;
}

export function filterActivationKey(parts: FilterActivationKeyParts): string {
  return cacheKey({ kind: 'filter-activation', code: codeVersions.filterActivation, ...parts });
}

export interface AssessmentKeyParts {
  embedding: string;
  /** Runs that it is measured by, and how many time points of each count; with a mean over subjects, whose scan it is. */
  runs: readonly (readonly (string | number)[])[];
}

export function assessmentKey(parts: AssessmentKeyParts): string {
  return cacheKey({ kind: 'assessment', code: codeVersions.assessment, ...parts });
}

/** @param halves keys of the runs of either half */
export function splitHalfKey(parts: { embedding: string; halves: readonly (readonly string[])[] }): string {
  return cacheKey({ kind: 'split-half', code: codeVersions.splitHalf, ...parts });
}

export interface CouplingKeyParts {
  embedding: string;
  /** Runs of the movie run whose activations are averaged. */
  runs: readonly string[];
  filterActivation: string;
  timePoints: number;
  /** What was done to the activations first; left out where nothing was. */
  controls?: unknown;
}

/** Key of the confound series of a movie. */
export function confoundsKey(parts: { movie: string; features: readonly string[] }): string {
  return cacheKey({ kind: 'confounds', code: codeVersions.confounds, ...parts });
}

/** Key of an r matrix; the pairs of both directions come from the same one. */
export function couplingKey(parts: CouplingKeyParts): string {
  return cacheKey({ kind: 'coupling', code: codeVersions.coupling, ...parts });
}

export interface TermMapsKeyParts {
  /** SHA-256 of the files the terms come from, in order. */
  files: readonly string[];
  maskHash: string;
  /** Threshold of weights, what is done with unknown spaces; none for ready maps. */
  parameters: Record<string, unknown>;
}

export function termMapsKey(parts: TermMapsKeyParts): string {
  return cacheKey({ kind: 'term-maps', code: codeVersions.termMaps, ...parts });
}

/** Key of an r matrix [FBNs × terms]. */
export function decodingKey(parts: { embedding: string; termMaps: string }): string {
  return cacheKey({ kind: 'decoding', code: codeVersions.decoding, ...parts });
}

/** Key of both p matrices of a decoding's spatial null. @param decoding key of the r matrix */
export function spatialNullKey(parts: { decoding: string; permutations: number; seed: number }): string {
  return cacheKey({ kind: 'spatial-null', code: codeVersions.spatialNull, ...parts });
}

export interface PicturesKeyParts {
  modelHash: string;
  layer: string;
  preprocessing: unknown;
  /** Of the folder of pictures, with its labels. */
  fingerprint: string;
  /** Number kept, size, quantile. */
  parameters: Record<string, unknown>;
}

export function filterImagesKey(parts: PicturesKeyParts): string {
  return cacheKey({ kind: 'filter-images', code: codeVersions.filterImages, ...parts });
}

export function dissectionKey(parts: PicturesKeyParts): string {
  return cacheKey({ kind: 'dissection', code: codeVersions.dissection, ...parts });
}

/** Key of a coupling's corrected significance. @param settings of the null; without seed and samples where it takes every shift */
export function correctionKey(parts: { coupling: string; settings: Record<string, unknown> }): string {
  return cacheKey({ kind: 'correction', code: codeVersions.correction, ...parts });
}

/** Key of the analysis of a layer over its movie runs. */
export function analysisKey(parts: { embedding: string; runs: readonly unknown[]; seed: number }): string {
  return cacheKey({ kind: 'analysis', code: codeVersions.analysis, ...parts });
}

/** Key of the comparison of a layer with FBN space over its movie runs. */
export function comparisonKey(parts: { embedding: string; runs: readonly unknown[] }): string {
  return cacheKey({ kind: 'comparison', code: codeVersions.comparison, ...parts });
}
