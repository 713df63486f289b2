export interface GeneratePhantomTask {
  /** New or empty folder. */
  folder: string;
  subjects?: number;
  /** Multiple of the default noise. */
  noise: number;
  seed: number;
  /** Of the program, written into the dataset's description. */
  version: string;
}

/** Where a phantom's raw data lie; paths are absolute. */
export interface PhantomFiles {
  bidsFolder: string;
  mask: string;
  model: string;
  movies: { movieRun: string; video: string }[];
  trSeconds: number;
  /** JSON with the planted truth. */
  planted: string;
  /** The noise in words. */
  noiseDescription: string;
}

export interface EvaluatePhantomTask {
  project: string;
  planted: string;
  mask: string;
  maps: string;
  activations: string;
  /** The r matrices [fbns × filters] of the planted layer, one per movie run, with what they were computed from. */
  correlations: { key: string; runs: string[]; filterActivation: string; timePoints: number }[];
  fbns: number;
  embeddingKey: string;
  /** Runs whose FBN activations are there, to make maps of the activations from. */
  runs: { name: string; file: string; key: string }[];
}

export interface PlantedPairsFound {
  fbnToFilter: number;
  filterToFbn: number;
}

export interface RecoveryStrength {
  mapR: number;
  filterR: number;
}

export interface EvaluatePhantomResult {
  planted: number;
  recovered: PlantedPairsFound;
  /** How clearly, as means: spatial r of the networks' FBNs, and r of the planted filters with the FBN that goes best. */
  strength: RecoveryStrength;
  /** The same where an FBN's map is the r of its activation with every voxel, not its column of W. */
  byActivation: PlantedPairsFound & RecoveryStrength;
  /** What as many random maps find, a mean over several draws. */
  control: PlantedPairsFound & RecoveryStrength;
  /** Stricter or plainer counts of the same. */
  alternatives: { sameFbn: number; fbnToFilterByNearestMap: number; clearMaps: number };
  networks: {
    network: string;
    filter: number;
    description: string;
    fbn: number | null;
    mapR: number;
    bestFilter: number | null;
    fbnToFilter: boolean;
    bestFbn: number | null;
    filterToFbn: boolean;
  }[];
}
