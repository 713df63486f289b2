/** How frames are prepared for a CNN: (pixel × scale − mean) / deviation, per channel. */
export interface PreprocessingChoice {
  normalisation: 'imagenet' | 'unit' | 'none';
  channelOrder: 'RGB' | 'BGR';
  mean?: number[];
  deviation?: number[];
}

export type ReducerName = 'max' | 'mean' | 'norm2';
/** Which frames of a TR count: its last (the paper), or all, their activations averaged. */
export type FrameRule = 'last' | 'mean';

/** A movie run to extract activations of. */
export interface MovieRunToExtract {
  movieRun: string;
  /** TRs, each with a frame in the frames file. */
  frames: number;
  /** The frames file, relative to the project. */
  file: string;
  /** The movie itself, for the rule `mean`. */
  movie: { source: string; sourceHash: string; trSeconds: number; offsetSeconds: number; width: number; height: number };
  layers: { name: string; keys: Partial<Record<ReducerName, string>> }[];
  /** TRs to extract: [start, end). */
  start: number;
  end: number;
}

export interface ExtractTask {
  project: string;
  /** The model's name in the project, and its file. */
  name: string;
  model: string;
  /** As `describe-model` gave it. */
  contentHash: string;
  preprocessing: PreprocessingChoice;
  reducers: ReducerName[];
  frameRule: FrameRule;
  device: 'cpu' | 'webgpu' | 'cuda';
  batchSize: number | null;
  threads: number | null;
  movieRuns: MovieRunToExtract[];
  /** Where activations gather until a movie run is whole, relative to the project. */
  unfinished: string;
  /** Of which only a part is computed here, to be merged later: they stay where they gather. */
  shard: { index: number; count: number; wanted: WantedActivation[] } | null;
}

/** What all shards of an extraction come to, whichever of them computes it. */
export interface WantedActivation {
  key: string;
  model: string;
  layer: string;
  movieRun: string;
  frames: number;
}

export interface ExtractedLayer {
  movieRun: string;
  layer: string;
  reducer: ReducerName;
  filters: number;
  frames: number;
  /** Frames computed now; the rest was there. */
  computedFrames: number;
}

export interface ExtractResult {
  activations: ExtractedLayer[];
  framesPerSecond: number | null;
  /** Most memory that the compute process has had. */
  peakMemoryBytes: number;
}

/** Brings shards together in the project's cache. */
export interface MergeShardsTask {
  project: string;
  /** Shard files, relative to the project. */
  files: string[];
  /** What is to be merged; parts of shards that are not named here are left alone. */
  keys: string[];
}

export interface MergeShardsResult {
  merged: Omit<ExtractedLayer, 'computedFrames'>[];
  /** Keys that were whole in the cache already. */
  alreadyThere: number;
}

export interface ActivationsTask {
  model: string;
  frames: string;
  output: string;
  layers: 'last' | 'blocks' | 'all' | string[];
  beforeActivation?: boolean;
  /** One array per tap; with several reducers one per tap and reducer, TAP@REDUCER. */
  reducers?: ReducerName[];
  /** With trSeconds: which frames of a TR count. */
  frameRule?: FrameRule;
  device?: 'cpu' | 'webgpu' | 'cuda';
  threads?: number;
  batchSize?: number;
  trSeconds?: number;
  width?: number;
  height?: number;
  normalisation?: PreprocessingChoice['normalisation'];
  channelOrder?: PreprocessingChoice['channelOrder'];
  mean?: number[];
  deviation?: number[];
}

export interface ActivationsResult {
  frames: number;
  taps: { layer: string; filters: number }[];
  framesPerSecond: number | null;
}

/** A layer of a model, to be looked into. */
export interface LookTask {
  model: string;
  contentHash: string;
  preprocessing: PreprocessingChoice;
  layer: string;
}

/** What one unit of a layer sees along an axis of the picture, in pixels of the CNN's input; see cnn/receptive-field. */
export interface ReceptiveAxisView {
  size: number;
  step: number;
  start: number;
}

export interface LookAtLayerResult {
  /** null where a unit sees the whole picture, or in a way that is not known. */
  receptiveField: { y: ReceptiveAxisView; x: ReceptiveAxisView } | null;
  /** Size the CNN asks for; null where it takes any. */
  input: { width: number | null; height: number | null };
  /** Of a layer over the picture itself: [filters, channels, y, x]. */
  kernels: { dims: number[]; data: Float32Array } | null;
}

export interface LookAtMapTask extends LookTask {
  filter: number;
  /** A frames file, absolute, and the frame in it. */
  frames: string;
  frame: number;
}

export interface LookAtMapResult {
  height: number;
  width: number;
  data: Float32Array;
}
