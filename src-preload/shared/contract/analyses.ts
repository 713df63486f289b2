/** What is known of the pairs FBN → filter of a layer beyond their p. A number is null where it cannot be told. */
export interface LayerAnalysis {
  /** Leave one run out; null with a single movie run. */
  generalisation: {
    /** Mean r over FBNs and held-out runs with its 95 % interval by block bootstrap. */
    meanR: number | null;
    low: number | null;
    high: number | null;
    /** Time points of a block, and resamples. */
    block: number;
    resamples: number;
    /** Mean over FBNs of the share of pairs of runs that give the same partner. */
    stability: number | null;
    /** Mean r of partners found in the other runs: in the run held out, and in those that they were found in. */
    runs: { movieRun: string; heldOut: number | null; inSample: number | null }[];
  } | null;
  runs: {
    movieRun: string;
    /** Test subjects that are averaged. */
    subjects: number;
    /** Means over FBNs: r of the average, r of single subjects, leave-one-out inter-subject r, and single / inter-subject r. */
    raw: number | null;
    single: number | null;
    ceiling: number | null;
    ratio: number | null;
    /** Partners found in either half of the subjects: share that are the same, and mean r in the other half. */
    halves: { same: number | null; heldOut: number | null } | null;
    /** null where the movie's frames are not there. */
    confounds: {
      /** Mean r of the pairs, and with all confounds partialled out of both sides. */
      meanR: number | null;
      partialMeanR: number | null;
      /** By feature: mean |r| over FBNs, and the FBN with the strongest r. */
      features: { name: string; meanAbsR: number | null; fbn: number | null; r: number | null }[];
    } | null;
  }[];
  /** Filters that are the best one of most FBNs over all runs. */
  hubs: { filter: number; pairs: number }[];
}

/** The layers to analyse, each over all of its movie runs. */
export interface AnalyseTask {
  activations: string;
  seed: number;
  layers: {
    key: string;
    embeddingKey: string;
    /** `scans`: keys of the test subjects' activations; `frames`: the frames file of the movie. */
    runs: { movieRun: string; scans: string[]; filterActivation: string; timePoints: number; frames: string | null }[];
  }[];
}

export interface AnalysedPart {
  index: number;
  analysis: LayerAnalysis;
}
