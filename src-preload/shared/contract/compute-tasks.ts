import type * as Fbns from './fbn-tasks';
import type { Grid } from '../domain/grid';
import type {
  ActivationsResult,
  ActivationsTask,
  ExtractResult,
  ExtractTask,
  LookAtLayerResult,
  LookAtMapResult,
  LookAtMapTask,
  LookTask,
  MergeShardsResult,
  MergeShardsTask,
} from './extraction-tasks';
import type { FigureTask } from './figures';
import type { CoupleTask, CouplingPart } from './corrections';
import type { AnalysedPart, AnalyseTask } from './analyses';
import type { ComparedPart, CompareTask } from './comparisons';
import type { ParsedJobInput } from './job-inputs';
import type {
  CheckpointInfoResult,
  DescribeModelResult,
  DescribeModelTask,
  RandomModelResult,
  RandomModelTask,
} from './model-tasks';
import type { ClipResult, ClipTask, ReportTask } from './report';
import type { ComparedSourcePart, CompareSourcesTask } from './sources';
import type { EvaluatePhantomResult, EvaluatePhantomTask, GeneratePhantomTask, PhantomFiles } from './phantom-tasks';
import type {
  DissectResult,
  DissectTask,
  FilterImagesResult,
  FilterImagesTask,
  PicturesInfo,
  DecodeTask,
  InspectTermsTask,
  TermMapsResult,
  TermMapsTask,
  TermSourceInfo,
} from './semantics-tasks';

export type * from './extraction-tasks';
export type * from './model-tasks';
export type * from './fbn-tasks';

export type { CoupleTask, CouplingPart } from './corrections';

/** A file a task wrote, with its hash; the path is relative to the project. */
export interface WrittenFile {
  file: string;
  hash: string;
}

/** A grid: another file's, MNI152 at a voxel size, or given. */
export type GridChoice = { like: string } | { voxelMm: number } | Grid;

export interface MaskTask {
  /** Mask files, whose intersection is taken; where there are none the mask is computed from `sources`. */
  files: string[];
  /** The runs it is for. */
  sources: string[];
  grid: GridChoice;
  project: string;
}

export interface MaskResult {
  hash: string;
  voxels: number;
  grid: Grid;
  written: WrittenFile;
}

export interface RunToImport {
  source: string;
  /** Where to write, relative to the project. */
  output: string;
  trSeconds: number;
  confounds?: { file: string; columns?: string[] };
}

export interface ImportRunsTask {
  project: string;
  mask: string;
  runs: RunToImport[];
  detrend: boolean;
  antiAlias: boolean;
  dataType: 'float16' | 'float32';
}

/** One run imported. */
export interface ImportedRunPart {
  index: number;
  sourceHash: string;
  confoundsHash: string | null;
  fileHash: string;
  /** The mean image on the mask's grid, .nii.gz. */
  mean: { file: string; hash: string };
  volumes: number;
  constantVoxels: number;
  nonFiniteVoxels: number;
  outsideVoxels: number;
  warnings: string[];
}

export interface ImportMovieTask {
  source: { video: string } | { folder: string; framesPerSecond?: number | undefined };
  trSeconds: number;
  offsetSeconds: number;
  trCount?: number;
  width: number;
  height: number;
  output: string;
}

export interface ImportMovieResult {
  count: number;
  width: number;
  height: number;
  sourceHash: string;
  fileHash: string;
  /** Everything else that was found about the movie: source size, duration, frame rate, warnings. */
  summary: Record<string, unknown>;
}

type TrainInput = ParsedJobInput<'train'>;

/** What decides the numbers of a training; what is left out has its default. */
export type TrainSettings = Pick<TrainInput, 'variant' | 'fbns' | 'epochs' | 'batchSize' | 'learningRate' | 'seed'> &
  Partial<Pick<TrainInput, 'schedule' | 'clipNorm' | 'patience' | 'crop' | 'heads' | 'residualNorm' | 'positions'>>;

export interface TrainTask {
  project: string;
  train: { name: string; file: string }[];
  validation: { name: string; file: string }[];
  mask: string;
  settings: TrainSettings;
  engine: TrainInput['engine'];
  device: 'cpu' | 'webgpu' | 'cuda';
  threads: number | null;
  /** Folder of the checkpoints and the file of the maps, relative to the project. */
  checkpoints: string;
  maps: string;
  resume: boolean;
  /** End at once where an epoch is done already. */
  keep: boolean;
}

/** Opens a device for a training of this form. */
export interface TryDeviceTask extends Pick<TrainTask, 'engine' | 'device' | 'threads' | 'settings'> {
  voxels: number;
  /** Time points of the longest run. */
  time: number;
  /** Whether to measure how fast it is, too. */
  timed: boolean;
}

export interface TryDeviceResult {
  provider: string;
  engineVersion: string;
  /** null where it was not timed. */
  secondsPerSample: number | null;
}

/** FBN activations of runs from an embedding that is trained already. */
export interface EncodeTask {
  project: string;
  /** The checkpoint, relative to the project. */
  checkpoint: string;
  embeddingKey: string;
  encode: { name: string; file: string; key: string }[];
  engine: TrainInput['engine'];
  device: 'cpu' | 'webgpu' | 'cuda';
  threads: number | null;
}

/** Measures an embedding by runs whose FBN activations are there. */
export interface AssessTask {
  project: string;
  mask: string;
  /** The checkpoint, relative to the project. */
  best: string;
  embeddingKey: string;
  fbns: number;
  /** `timePoints`: how many of the movie run count; `file` null where the project has no such scan, `subject` null for a mean. */
  runs: {
    name: string;
    file: string | null;
    subject: string | null;
    key: string;
    movieRun: string;
    timePoints: number;
  }[];
}

/** What an assessment finds, by FBN; NaN where it cannot be told. */
export interface AssessResult {
  /** Share of the runs' variance that all activations explain together, by least squares. */
  explainedTogether: number;
  explainedAlone: Float64Array;
  explainedUnique: Float64Array;
  interSubject: Float64Array;
  topShare: Float64Array;
  clusters: Float64Array;
  largestCluster: Float64Array;
  clusteredShare: Float64Array;
}

/** Trains on either half of the training subjects, to compare the maps with those of the whole. */
export interface SplitHalfTask extends Omit<TrainTask, 'train' | 'settings' | 'maps' | 'resume' | 'keep'> {
  /** Those of the whole, by its method. */
  settings: TrainSettings | Fbns.DecomposeSettings;
  halves: { name: string; file: string }[][];
  /** The checkpoint of the whole, relative to the project. */
  best: string;
}

export interface EpochPart {
  epoch: number;
  trainLoss: number;
  validationLoss: number | null;
  seconds: number;
}

/** An epoch just finished, with the loss of each run alone. */
export interface FinishedEpochPart extends EpochPart {
  runLosses: { train: (number | null)[]; validation: number[] };
}

export interface TrainResult {
  epochs: EpochPart[];
  bestEpoch: number;
  secondsPerEpoch: number;
  best: WrittenFile;
  last: WrittenFile;
  maps: WrittenFile;
  excludedVoxels: number;
  engineVersion: string;
  /** What of the engine computed: "cpu", "webgpu", "wasm", … */
  provider: string;
  /** null: the engine's own choice. */
  threads: number | null;
  /** Whether the user ended it before its last epoch. */
  stopped: boolean;
}

/** Metrics of the pairs of couplings. */
export interface MeasurePairsTask {
  activations: string;
  /** Sakoe–Chiba band of a second DTW, in time points. */
  band?: number;
  couplings: {
    embeddingKey: string;
    runs: string[];
    filterActivation: string;
    timePoints: number;
    pairs: { fbn: Int32Array; filter: Int32Array };
  }[];
}

/** Means of the metrics over the pairs of one coupling, by name; NaN where it has none. `band` is that of `DTWInBand`. */
export interface PairMetricsPart {
  index: number;
  pairs: number;
  means: Record<string, number>;
}

export interface NiftiInfoResult {
  shape: readonly number[];
  affine: number[][];
  zooms: readonly number[];
  units: readonly [string, string];
  endianness: '<' | '>';
  dtype: string;
  qformCode: number;
  sformCode: number;
  trSeconds: number | null;
  warnings: string[];
}

export interface CorrelateResult {
  r: (number | null)[][];
  p: (number | null)[][];
  bestFilterOfFbn: (number | null)[];
  bestFbnOfFilter: (number | null)[];
  metricsOfBest: ({ DTW: number; Spearman: number; DTWInBand?: number } | null)[];
  [statistic: string]: unknown;
}

interface Task<Input, Result, Part = never> {
  input: Input;
  result: Result;
  part: Part;
}

/** Every task a compute process can be given. */
export interface ComputeTasks {
  mask: Task<MaskTask, MaskResult>;
  'import-runs': Task<ImportRunsTask, null, ImportedRunPart>;
  'import-movie': Task<ImportMovieTask, ImportMovieResult>;
  'describe-model': Task<DescribeModelTask, DescribeModelResult>;
  'random-model': Task<RandomModelTask, RandomModelResult>;
  'checkpoint-info': Task<{ file: string }, CheckpointInfoResult>;
  train: Task<TrainTask, TrainResult, FinishedEpochPart>;
  'try-device': Task<TryDeviceTask, TryDeviceResult>;
  encode: Task<EncodeTask, { explainedVariance: number | null }>;
  decompose: Task<Fbns.DecomposeTask, Fbns.DecomposeResult>;
  'import-embedding': Task<Fbns.ImportEmbeddingTask, Fbns.ImportEmbeddingResult>;
  assess: Task<AssessTask, AssessResult>;
  'split-half': Task<SplitHalfTask, { splitHalf: Float64Array }>;
  extract: Task<ExtractTask, ExtractResult>;
  'look-at-layer': Task<LookTask, LookAtLayerResult>;
  'look-at-map': Task<LookAtMapTask, LookAtMapResult>;
  'merge-shards': Task<MergeShardsTask, MergeShardsResult>;
  couple: Task<CoupleTask, null, CouplingPart>;
  analyse: Task<AnalyseTask, null, AnalysedPart>;
  compare: Task<CompareTask, null, ComparedPart>;
  'measure-pairs': Task<MeasurePairsTask, null, PairMetricsPart>;
  'inspect-terms': Task<InspectTermsTask, TermSourceInfo>;
  'term-maps': Task<TermMapsTask, TermMapsResult>;
  decode: Task<DecodeTask, null>;
  'inspect-pictures': Task<{ folder: string; labelled: boolean }, PicturesInfo>;
  'filter-images': Task<FilterImagesTask, FilterImagesResult>;
  dissect: Task<DissectTask, DissectResult>;
  'compare-sources': Task<CompareSourcesTask, null, ComparedSourcePart>;
  'nifti-info': Task<{ file: string; verifyData: boolean }, NiftiInfoResult>;
  resample: Task<{ source: string; output: string; grid: GridChoice; antiAlias: boolean }, { shape: number[] }>;
  correlate: Task<{ x: string; y: string; band?: number }, CorrelateResult>;
  figure: Task<FigureTask, { bytes: Uint8Array; widthPoints: number; heightPoints: number }>;
  report: Task<ReportTask, { bytes: number }>;
  clip: Task<ClipTask, ClipResult>;
  activations: Task<ActivationsTask, ActivationsResult>;
  'generate-phantom': Task<GeneratePhantomTask, PhantomFiles>;
  'evaluate-phantom': Task<EvaluatePhantomTask, EvaluatePhantomResult>;
}

export type TaskName = keyof ComputeTasks;
export type TaskInput<Name extends TaskName> = ComputeTasks[Name]['input'];
export type TaskResult<Name extends TaskName> = ComputeTasks[Name]['result'];
export type TaskPart<Name extends TaskName> = ComputeTasks[Name]['part'];
