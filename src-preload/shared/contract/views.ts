import type { ErrorReport } from '../domain/errors';
import type { Grid } from '../domain/grid';
import type { LayerComparison } from './comparisons';
import type { CorrectionSummary } from './corrections';
import type { EmbeddingQuality } from './quality';
import type { TimedProgress } from '../domain/work';

/** What whoever helps wants to know of the machine, in words: names and values. */
export interface DiagnosticsView {
  program: [string, string][];
  machine: [string, string][];
  logFile: string;
}

/** What the workstation itself is doing, whether a project is open or not. */
export interface AppState {
  version: string;
  /** Which host answers: the desktop app, or the browser host (whose file dialogs are drawn by the renderer). */
  host: 'electron' | 'browser';
  project: { name: string; folder: string } | null;
  recent: RecentProject[];
}

export interface RecentProject {
  folder: string;
  name: string;
  openedAt: string;
  exists: boolean;
}

/** A folder as the file browser shows it; only inside the roots given at start. */
export interface FolderListing {
  /** null: the list of roots itself. */
  folder: string | null;
  parent: string | null;
  roots: string[];
  entries: {
    name: string;
    path: string;
    kind: 'folder' | 'file';
    bytes: number | null;
    modifiedAt: string | null;
    isProject: boolean;
  }[];
}

export type JobStateName = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** A job as the jobs drawer shows it. */
export interface JobView {
  id: number;
  type: string;
  input: unknown;
  state: JobStateName;
  progress: TimedProgress | null;
  warnings: string[];
  error: ErrorReport | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export type SplitName = 'train' | 'validation' | 'test';
export type SourceStateName = 'unchanged' | 'changed' | 'missing';

/** One imported run. */
export interface RunView {
  id: number;
  subject: string;
  movieRun: string;
  split: SplitName;
  volumes: number;
  trSeconds: number;
  constantVoxels: number;
  nonFiniteVoxels: number;
  warnings: string[];
  source: string;
  sourceState: SourceStateName;
  maskIsCurrent: boolean;
  /** Whether the mean image was kept (runs imported by older versions have none). */
  hasMean: boolean;
  importedAt: string;
  /** How it was imported, in words: "detrended, float16". */
  preparation: string;
}

/** What an import would do, found from headers only; nothing is written. */
export interface ImportPlan {
  runs: {
    subject: string;
    movieRun: string;
    source: string;
    /** Voxels along x, y, z. */
    shape: number[];
    voxelMm: number[];
    volumes: number;
    trSeconds: number | null;
    bytes: number;
    hasMask: boolean;
    hasConfounds: boolean;
    /** In the project already under this name; would be imported again when its source or settings differ. */
    present: boolean;
  }[];
  /** What stands in the way, each with its file and what to do; an import with problems is refused. */
  problems: ErrorReport[];
  /** What the user may want to know before starting. */
  remarks: string[];
  /** Bytes the imported runs will take, by the current mask or 28,549 voxels when it is not known yet. */
  estimatedBytes: number;
}

/** What an import of FBNs made elsewhere would do; nothing is written. */
export interface ExternalPlan {
  maps: {
    file: string;
    /** "MELODIC", "CanICA" or "maps". */
    method: string;
    fbns: number;
    voxelMm: number[];
  } | null;
  activations: {
    file: string;
    /** Name in a .npz file. */
    array: string | null;
    /** null: a mean over subjects. */
    subject: string | null;
    /** null where it cannot be told. */
    movieRun: string | null;
    /** null where its shape does not fit the maps. */
    timePoints: number | null;
  }[];
  problems: ErrorReport[];
  remarks: string[];
}

/** A movie run with its frames, or waiting for them. */
export interface MovieView {
  id: number;
  movieRun: string;
  trSeconds: number | null;
  timePoints: number | null;
  trimmed: string | null;
  /** How many runs of fMRI have how many volumes. */
  runLengths: { volumes: number; runs: number }[];
  movie: {
    source: string;
    sourceExists: boolean;
    /** Whether the source is a video (a folder of images otherwise). */
    isVideo: boolean;
    frames: number;
    width: number;
    height: number;
    trSeconds: number;
    offsetSeconds: number;
    importedAt: string;
    /** Duration, frame rate, warnings …, as found at the import. */
    summary: Record<string, unknown>;
  } | null;
}

/** What is known of a video, or a folder of images, before it is imported. */
export interface MovieProbe {
  source: string;
  width: number;
  height: number;
  durationSeconds: number;
  framesPerSecond: number;
  /** How many frames an import at this TR and offset would choose. */
  frames: number;
  /** Volumes of the runs it is for; null where there are none yet. */
  runVolumes: number | null;
  remarks: string[];
}

/** A trained, or half trained, embedding. */
export interface EmbeddingView {
  id: number;
  variant: string;
  fbns: number;
  state: 'training' | 'complete';
  settings: Record<string, unknown>;
  /** Device, engine, versions, seed …, as recorded. */
  provenance: Record<string, unknown>;
  epochs: number;
  bestEpoch: number | null;
  trainLoss: number | null;
  validationLoss: number | null;
  bestValidationLoss: number | null;
  secondsPerEpoch: number | null;
  explainedVariance: number | null;
  /** Means over the FBNs; null before anything was measured. */
  quality: EmbeddingQuality | null;
  /** Mean r over all pairs FBN to filter at last convolutions; null where nothing is coupled. */
  meanR: number | null;
  /** On a phantom, how many of the planted pairs its couplings found, and how many as many random maps find. */
  recovery: {
    planted: number;
    fbnToFilter: number;
    filterToFbn: number;
    control: { fbnToFilter: number; filterToFbn: number };
  } | null;
  trainRuns: number;
  /** How training runs of different length were cut: where the stretch lies, its time points, and how many runs were longer. */
  crop: { from: string; timePoints: number; runs: number } | null;
  validationRuns: number;
  testSubjects: string[];
  /** Movie runs for which FBN activations are there. */
  movieRuns: string[];
  mask: { voxels: number; grid: Grid };
  stale: string | null;
  createdAt: string;
  finishedAt: string | null;
}

/** Names of the runs of a training ("sub-01 run-2"), in the order of its losses by run. */
export interface TrainedRuns {
  train: string[];
  validation: string[];
}

/** The pairs of one embedding with one layer over one movie run in one direction, in short. */
export interface CouplingView {
  id: number;
  embeddingId: number;
  modelId: number;
  model: string;
  architecture: string | null;
  trainedOn: string | null;
  layerId: number;
  layer: string;
  /** Place of the layer in its model, rising with depth. */
  position: number;
  isLastConvolution: boolean;
  movieRunId: number;
  movieRun: string;
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  /** How activations were made and what was done to them (couplingForm); `max` is the paper's. */
  reducer: string;
  fbns: number;
  filters: number;
  timePoints: number;
  pairs: number;
  undefinedPairs: number;
  meanR: number | null;
  notSignificant: number;
  /** What the paper published for the same architecture, training set, FBNs and run; null where it has nothing. */
  published: number | null;
  /** null: in paper mode only. */
  correction: (CorrectionSummary & { method: string }) | null;
  /** The whole layer against the FBNs in this run; null where it was not compared. */
  comparison: Omit<LayerComparison['runs'][number], 'movieRun'> | null;
  stale: boolean;
}

/** One pair, over all movie runs that its layer is coupled in. */
export interface PairDetails {
  runs: {
    movieRun: string;
    couplingId: number;
    timePoints: number;
    r: number | null;
    /** t-test with N − 2 degrees of freedom, as in the paper. */
    p: number | null;
    /** Delay of the filter behind the movie that was chosen; null where there was no choice. */
    lagSeconds: number | null;
    /** Effective N of the two autocorrelated series, and p with it. */
    effectiveN: number | null;
    pEffective: number | null;
    /**
     * Share of null copies under which the side that looks for a partner finds an r as large; null before corrected mode was
     * computed.
     */
    pNull: number | null;
    /** Number of null copies: pNull is at least 1 / (1 + this). */
    surrogates: number | null;
    /** Whether the filter is the FBN's best one in this run, and the FBN the filter's. */
    isBestFilter: boolean;
    isBestFbn: boolean;
  }[];
}

/** A table of the report, as rows of named cells. */
export interface TableView {
  name: string;
  title: string;
  /** The embedding that it is of; null: of several, or of none. */
  embedding: number | null;
  columns: {
    key: string;
    title: string;
    /** Of its numbers; null where they are whole or text. */
    decimals: number | null;
    isP: boolean;
    /** Whether corrected mode added it. */
    isCorrected: boolean;
    /** Key of the truth values that put a star to its numbers; null where none do. */
    starredBy: string | null;
  }[];
  rows: Record<string, string | number | boolean | null>[];
  notes: string[];
}
