import type { LayerAnalysis } from './analyses';

/** How alike a layer and FBN space are over a movie run, with its mean and p over circular shifts of time. */
export interface StoredSimilarity {
  value: number | null;
  expected: number | null;
  p: number | null;
  /** p is never below 1 / (1 + this). */
  shifts: number;
}

/** A whole layer against the FBNs, run by run. A number is null where it cannot be told. */
export interface LayerComparison {
  runs: {
    movieRun: string;
    /** Mean over FBNs of the r with which all filters predict them, trained on the other runs; null with a single run. */
    ridge: number | null;
    /** Linear centred kernel alignment (unbiased), and representational similarity (Spearman). */
    alignment: StoredSimilarity;
    similarity: StoredSimilarity;
  }[];
  /** By FBN, the mean over runs (Fisher's z) of the r with which all filters predict it; null with a single run. */
  ridgeOfFbns: (number | null)[] | null;
}

/** The layers to compare, each over all of its movie runs. */
export interface CompareTask {
  activations: string;
  layers: {
    key: string;
    embeddingKey: string;
    /** `scans`: keys of the test subjects' activations. */
    runs: { movieRun: string; scans: string[]; filterActivation: string; timePoints: number }[];
  }[];
}

export interface ComparedPart {
  index: number;
  comparison: LayerComparison;
}

/** Where in a model's depth an FBN is predicted. */
export interface DepthProfile {
  fbn: number;
  /** r by which all filters of each layer predict it, layers from shallow to deep. */
  r: (number | null)[];
  /** Place among the layers of the one that predicts it best. */
  best: number;
  /** Depths, 0 the first layer to 1 the last, weighted by r where it is above 0; null where nothing is. */
  centre: number | null;
}

/** How deep in one model every FBN is predicted. */
export interface ModelHierarchy {
  model: string;
  /** Layers by depth. */
  layers: string[];
  fbns: DepthProfile[];
}

/** What is known of the layer of a coupling beyond its pairs' p. */
export interface LayerFindings {
  /** null where it was not analysed, or not compared. */
  analysis: LayerAnalysis | null;
  comparison: Pick<LayerComparison, 'runs'> | null;
  /** Layers of the same model by depth; null where fewer than two are compared. What they predict is a resource (hierarchy). */
  depths: string[] | null;
}
