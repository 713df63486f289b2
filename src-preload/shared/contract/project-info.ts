import type { Grid } from '../domain/grid';

/** Something that no longer follows from its inputs. */
export interface StaleThing {
  what: string;
  why: string;
  /** The step of the method that it belongs to. */
  step: 'data' | 'movies' | 'models' | 'embedding' | 'coupling' | 'semantics';
}

/** Everything a project holds, in short: what `syncact info` prints and the overview shows. */
export interface ProjectInfo {
  name: string;
  folder: string;
  createdAt: string;
  programVersion: string;
  bytesOnDisk: number;
  mask: { voxels: number; grid: Grid; origin: string } | null;
  subjects: { name: string; split: 'train' | 'validation' | 'test'; runs: number }[];
  movieRuns: {
    name: string;
    runs: number;
    trSeconds: number | null;
    timePoints: number | null;
    trimmed: string | null;
    movie: { source: string; frames: number; width: number; height: number } | null;
  }[];
  models: {
    name: string;
    architecture: string | null;
    trainedOn: string | null;
    top1Percent: number | null;
    layers: { name: string; filters: number | null; isLastConvolution: boolean; extractedMovieRuns: number }[];
  }[];
  embeddings: {
    id: number;
    variant: string;
    fbns: number;
    state: 'training' | 'complete';
    epochs: number;
    trainLoss: number | null;
    validationLoss: number | null;
    device: string;
    createdAt: string;
  }[];
  couplings: number;
  semantics: {
    vocabularies: number;
    terms: number;
    /** Embeddings whose FBNs are compared with terms. */
    comparedEmbeddings: number[];
    labelledLayers: number;
    picturedLayers: number;
  };
  /** Things made from inputs that have changed since, and why. */
  stale: StaleThing[];
  unfinishedJobs: { id: number; type: string; state: string; createdAt: string }[];
}
