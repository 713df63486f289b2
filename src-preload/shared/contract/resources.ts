import type { FigureFormat } from './figures';
/** Columns of a coupling's pairs. */
export const pairColumns = [
  ...(['fbn', 'filter', 'r', 'p', 'effectiveN', 'pEffective', 'pNull', 'q', 'pFamily', 'mutual'] as const),
  /** Delay of the filter that was chosen; NaN where there was no choice. */
  'lagSeconds',
] as const;

/**
 * Where arrays, volumes, frames and movies are got from: GET on these paths, in the browser host over HTTP and in Electron over
 * its own protocol. Numbers are raw little-endian (.f32 float32, .f64 float64, .i32 int32, row-major); the header
 * `x-shape: 3,900` tells their shape. All indices count from 0. Arrays never travel as JSON.
 */
export const resourcePaths = {
  /** The project's current mask, NIfTI. */
  mask: () => '/resource/mask.nii.gz',
  /** Voxels of an embedding's mask as indices into its grid (x fastest), [voxels]. */
  maskVoxels: (embedding: number) => `/resource/embeddings/${embedding}/voxels.i32`,
  /** Mean image of a run before z-scoring, on the mask's grid, NIfTI; 0 outside the mask. */
  runMean: (run: number) => `/resource/runs/${run}/mean.nii.gz`,
  /** An FBN's map over the voxels of the embedding's mask, [voxels]. */
  fbnMap: (embedding: number, fbn: number) => `/resource/embeddings/${embedding}/fbns/${fbn}/map.f32`,
  /** The same as a volume for the viewer, NIfTI float32, 0 outside the mask. */
  fbnVolume: (embedding: number, fbn: number) => `/resource/embeddings/${embedding}/fbns/${fbn}/map.nii`,
  /**
   * What an embedding's maps are drawn over, NIfTI in [0, 1]: the mean of its runs' mean images; the mask where older versions
   * kept none.
   */
  background: (embedding: number) => `/resource/embeddings/${embedding}/background.nii`,
  /** The file of a figure drawn not long ago. */
  figure: (id: string, format: FigureFormat) => `/resource/figures/${id}.${format}`,
  /** Losses of each run, training runs first: [epochs, runs], NaN where not known. */
  runLosses: (embedding: number) => `/resource/embeddings/${embedding}/run-losses.f32`,
  /** Epoch, train loss, validation loss (NaN where none), seconds: [epochs, 4]. */
  losses: (embedding: number) => `/resource/embeddings/${embedding}/losses.f64`,
  /** What is measured of every FBN: [fbns, measures] in the order of fbnMeasures, NaN where not known. */
  fbnQuality: (embedding: number) => `/resource/embeddings/${embedding}/quality.f64`,
  /** Mean over the test subjects, mean − SD, mean + SD of an FBN's z-scored activation: [3, time]. */
  fbnActivation: (embedding: number, fbn: number, movieRun: number) =>
    `/resource/embeddings/${embedding}/fbns/${fbn}/activations/${movieRun}.f32`,
  /** A filter's activation as extracted (reducer max), [time]. */
  filterActivation: (layer: number, filter: number, movieRun: number) =>
    `/resource/layers/${layer}/filters/${filter}/activations/${movieRun}.f32`,
  /** Frames that activate a filter most, best first, [n ≤ 10]. */
  topFrames: (layer: number, filter: number, movieRun: number) =>
    `/resource/layers/${layer}/filters/${filter}/top-frames/${movieRun}.i32`,
  /** Of every filter of a layer over all movie runs, in the order of filterStatistics: [filters, 4]. */
  filterStatistics: (layer: number) => `/resource/layers/${layer}/statistics.f32`,
  /** Kernels of a layer that looks at the picture itself, in RGB order: [filters, channels, y, x]. */
  kernels: (layer: number) => `/resource/layers/${layer}/kernels.f32`,
  /** A filter's feature map of the chosen frame of a TR, computed when asked for: [height, width]. */
  featureMap: (layer: number, filter: number, movieRun: number, tr: number) =>
    `/resource/layers/${layer}/filters/${filter}/maps/${movieRun}/${tr}.f32`,
  /** The chosen frame of a TR as a picture; `width` in pixels scales it down. */
  frame: (movieRun: number, tr: number, width?: number) =>
    `/resource/movies/${movieRun}/frames/${tr}.jpg${width ? `?width=${width}` : ''}`,
  /** The movie's own file, with Range. */
  video: (movieRun: number) => `/resource/movies/${movieRun}/video`,
  /** Timestamp in the video of every chosen frame, in seconds, [frames]. */
  frameTimes: (movieRun: number) => `/resource/movies/${movieRun}/times.f64`,
  /** What pairColumns names of every pair, best first: [pairs, columns]; NaN where the coupling has paper mode only. */
  pairs: (coupling: number) => `/resource/couplings/${coupling}/pairs.f64`,
  /** r of an FBN's map with every term of a vocabulary, [terms]; NaN where undefined. */
  fbnTerms: (embedding: number, fbn: number, vocabulary: number) =>
    `/resource/embeddings/${embedding}/fbns/${fbn}/terms/${vocabulary}.f32`,
  /** Words with their kinds, as a table to be read back: those that somebody said the kind of, or all. */
  wordList: (which: 'chosen' | 'all') => `/resource/semantics/words-${which}.tsv`,
  /** p of each of these by the spatial null, then p by the largest |r| over all terms: [2, terms]; NaN where undefined. */
  fbnTermsNull: (embedding: number, fbn: number, vocabulary: number) =>
    `/resource/embeddings/${embedding}/fbns/${fbn}/terms/${vocabulary}.null.f32`,
  /**
   * Every pair of an embedding once, highest r first: [pairs, 7] of layer, FBN, filter, highest r over movie runs, p of that r, movie
   * runs in which it is a pair, coupling of the highest r.
   */
  queue: (embedding: number, direction: 'fbn-to-filter' | 'filter-to-fbn') =>
    `/resource/embeddings/${embedding}/pairs/${direction}.f64`,
  /** Annotations as a file to keep; `bids.zip` is a BIDS derivative, `jsonl` the log to merge elsewhere. */
  annotations: (format: 'csv' | 'tsv' | 'json' | 'jsonl' | 'bids.zip', author?: string) =>
    `/resource/annotations.${format}${author === undefined ? '' : `?author=${encodeURIComponent(author)}`}`,
  /** A picture that activates a filter, by its rank from 0, JPEG. */
  filterImage: (set: number, filter: number, rank: number) => `/resource/semantics/images/${set}/filters/${filter}/${rank}.jpg`,
  /** The largest r under every null copy that the side which looks for a partner finds, unsorted: [n]. */
  pairNull: (coupling: number, fbn: number, filter: number) => `/resource/couplings/${coupling}/null/${fbn}/${filter}.f32`,
  /**
   * Both activations of a pair as they were correlated under control, FBN first, z-scored: [2, time]; NaN at the time points that delays
   * cost.
   */
  pairSeries: (coupling: number, fbn: number, filter: number) => `/resource/couplings/${coupling}/series/${fbn}/${filter}.f32`,
  /**
   * How deep in the model of a coupling every FBN is predicted: [fbns, 2 + layers] of the best layer's place, the centre of depth, and r by
   * layer; NaN where not known.
   */
  hierarchy: (coupling: number) => `/resource/couplings/${coupling}/hierarchy.f64`,
  /** A table of the report as a file to keep. */
  table: (name: string, format: 'csv' | 'tsv' | 'md' | 'json', embedding?: number) =>
    `/resource/report/${name}.${format}${embedding === undefined ? '' : `?embedding=${embedding}`}`,
} as const;
