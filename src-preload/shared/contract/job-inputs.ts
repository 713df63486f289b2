import { z } from 'zod';
import { confoundNames, responses } from '../domain/controls';
import { path } from './paths';
import { exportInput } from './report';
import { relinkInput } from './sources';
import { decodeInput, dissectInput, filterImagesInput, importLabelsInput, importTermsInput } from './semantics-inputs';

const positive = z.number().positive();
const count = z.number().int().positive();
const seed = z.number().int().nonnegative();

export const deviceSchema = z.enum(['cpu', 'webgpu', 'cuda']);
/** Where to compute. `auto` is the fastest in a short trial for trainings, the CPU for all else. */
export const deviceChoice = z.enum(['auto', ...deviceSchema.options]);
/** What embeddings are computed with. */
export const engineChoice = z.enum(['onnxruntime', 'tfjs']);
export const reducerChoice = z.enum(['max', 'mean', 'norm2']);
/** Which frames of a TR count: the last one (the paper's rule), or all, their activations averaged. */
export const frameRuleChoice = z.enum(['last', 'mean']);
export const directionChoice = z.enum(['fbn-to-filter', 'filter-to-fbn']);
/** `paper`: t-test p alone. `corrected`: beside it what survives of it. The pairs are the same. */
export const modeChoice = z.enum(['paper', 'corrected']);
/** Which null corrected mode compares with: see docs/statistics.md. */
export const nullChoice = z.enum(['circular-shift', 'phase', 'subjects']);
/** What the movie does, to be partialled out of both sides. */
export const confoundChoice = z.enum(confoundNames);
/** How the blood follows a filter. */
export const responseChoice = z.enum(responses);
/** Delays to try are no longer: the blood is not, and every one costs time points. */
const delaySeconds = z.number().nonnegative().max(30);

export const importFmriInput = z.strictObject({
  source: z.union([
    z.strictObject({ bids: path, task: z.string().optional(), space: z.string().optional(), description: z.string().optional() }),
    z.strictObject({ files: z.array(path).min(1), movieRun: z.string().optional() }),
  ]),
  /** Mask file; computed from the data when left out (or the project's own when it has one). */
  mask: path.optional(),
  /** The grid to bring everything to: another file's, or MNI at this voxel size (the project's own, else 4 mm, when left out). */
  grid: z.union([z.strictObject({ like: path }), z.strictObject({ voxelMm: positive })]).optional(),
  trSeconds: positive.optional(),
  /** Cut runs of one movie run to the shortest of them (and to the movie). */
  trim: z.boolean().default(false),
  detrend: z.boolean().default(false),
  /** Columns of the confounds file to regress out; "default" = six motion parameters, white matter, CSF. */
  confounds: z.union([z.literal('none'), z.literal('default'), z.array(z.string()).min(1)]).default('none'),
  antiAlias: z.boolean().default(false),
  dataType: z.enum(['float16', 'float32']).default('float16'),
});

export const importMovieInput = z.strictObject({
  movieRun: z.string().min(1),
  source: z.union([z.strictObject({ video: path }), z.strictObject({ folder: path, framesPerSecond: positive.optional() })]),
  trSeconds: positive,
  offsetSeconds: z.number().default(0),
  width: count.default(256),
  height: count.default(180),
  trim: z.boolean().default(false),
});

/** How frames become the numbers a CNN was trained on; mean and deviation in RGB order, in the units of the normalisation. */
export const preprocessingFields = {
  normalisation: z.enum(['imagenet', 'unit', 'none']),
  channelOrder: z.enum(['RGB', 'BGR']),
  mean: z.array(z.number()).length(3).optional(),
  deviation: z.array(positive).length(3).optional(),
};

export const importModelInput = z.strictObject({
  file: path,
  name: z.string().min(1).optional(),
  architecture: z.string().optional(),
  trainedOn: z.string().optional(),
  top1Percent: z.number().min(0).max(100).optional(),
  ...preprocessingFields,
  normalisation: preprocessingFields.normalisation.default('imagenet'),
  channelOrder: preprocessingFields.channelOrder.default('RGB'),
});

/** All of a model's card that its user may change. */
export const modelChange = z.strictObject({
  name: z.string().min(1).max(200),
  architecture: z.string().min(1).max(200).nullable(),
  trainedOn: z.string().min(1).max(200).nullable(),
  top1Percent: z.number().min(0).max(100).nullable(),
  preprocessing: z.strictObject(preprocessingFields),
  card: z.strictObject({
    inputSize: z.number().int().positive().max(10_000).nullable(),
    licence: z.string().max(500).nullable(),
    notes: z.string().max(2000).nullable(),
  }),
});

export const randomModelInput = z.strictObject({
  /** One of the bundled networks, by torchvision's name or the paper's. */
  architecture: z.string().optional(),
  /** A model of the project to make the twin of: its network, and how frames are prepared for it. */
  twinOf: z.string().optional(),
  name: z.string().min(1).optional(),
  /** Outputs of the classifier; without one where left out, as no filter needs it. */
  classes: count.optional(),
  seed: seed.default(0),
});

export const trainInput = z.strictObject({
  variant: z.enum(['lt', 'lt-lstm', 'lt-msa']).default('lt'),
  fbns: count.default(64),
  epochs: count.default(100),
  batchSize: count.default(16),
  learningRate: positive.default(0.01),
  schedule: z.enum(['constant', 'cosine', 'step']).default('constant'),
  /** Largest norm of a step's gradient. */
  clipNorm: positive.nullable().default(null),
  /** Epochs without a new best after which training stops. */
  patience: count.nullable().default(null),
  /** How training runs of different length are cut to the shortest of them; encoding takes whole runs. */
  crop: z.enum(['none', 'start', 'end', 'random']).default('start'),
  /** These three of LT+MSA only. The paper's modules are plain (docs/decisions/0014-attention-modules.md). */
  heads: count.default(8),
  residualNorm: z.boolean().default(true),
  positions: z.boolean().default(false),
  seed: seed.default(0),
  device: deviceChoice.default('auto'),
  engine: engineChoice.default('onnxruntime'),
  threads: count.optional(),
  /** Go on from the last checkpoint of an unfinished training with the same settings and runs. */
  resume: z.boolean().default(false),
  /** With `resume`: train no more, but keep what the unfinished training has come to (one epoch is trained where none was). */
  keep: z.boolean().default(false),
  /** What trainings that were queued together have in common; it decides nothing. */
  sweep: z.string().min(1).max(100).optional(),
});

/** FBNs of the training runs by a classical method, to compare with. */
export const decomposeInput = z.strictObject({
  method: z.enum(['group-ica', 'dictionary']),
  fbns: count.default(64),
  seed: seed.default(0),
  /** Of the dictionary's codes; 1.2 in Mairal et al. (2009). */
  sparsity: positive.default(1.2),
  threads: count.optional(),
});

/** FBN maps and activations made elsewhere. */
export const importEmbeddingInput = z.strictObject({
  /** A 4D image with one map per volume, or a folder with one (output of MELODIC or CanICA). */
  file: path,
  /** Files of activations, or folders of them; those beside the maps where left out. */
  files: z.array(path).max(100_000).default([]),
  /** Compute the activations of the test subjects' runs instead, by spatial regression on the maps. */
  dualRegression: z.boolean().default(false),
  /** How numbered files are ordered (FSL's dual_regression): all movie runs of a subject together, or all subjects of a movie run. */
  order: z.enum(['subject', 'movie-run']).optional(),
  /** Whose activations over which movie run each table holds, where its name does not say it; `subject` null: a mean over subjects. */
  assignments: z
    .array(
      z.strictObject({
        file: path,
        /** Name in a .npz file. */
        array: z.string().nullable().default(null),
        subject: z.string().min(1).nullable(),
        movieRun: z.string().min(1),
      }),
    )
    .max(100_000)
    .default([]),
  /** What people call it. */
  name: z.string().min(1).max(100).optional(),
  device: deviceChoice.default('auto'),
  threads: count.optional(),
});

export const assessInput = z.strictObject({
  /** The newest complete one by default. */
  embedding: count.optional(),
  /** Also train on either half of the training subjects, which takes as long as the training did. */
  splitHalf: z.boolean().default(false),
  device: deviceChoice.default('auto'),
  threads: count.optional(),
});

export const extractInput = z.strictObject({
  model: z.string().min(1),
  layers: z.union([z.enum(['last', 'blocks', 'all']), z.array(z.string()).min(1)]).default('last'),
  /** Read the presets before the activation (ReLU) instead of after it; layers by name are read as they are. */
  beforeActivation: z.boolean().default(false),
  movieRuns: z.array(z.string()).min(1).optional(),
  /** One or several in one pass. */
  reducer: z.union([reducerChoice, z.array(reducerChoice).min(1)]).default('max'),
  frames: frameRuleChoice.default('last'),
  batchSize: count.optional(),
  threads: count.optional(),
  device: deviceChoice.default('auto'),
});

/** Brings the shards of job arrays together. */
export const mergeShardsInput = z.strictObject({
  /** Delete shard files when everything in them is in the project. */
  remove: z.boolean().default(false),
});

export const coupleInput = z.strictObject({
  embedding: count.optional(),
  models: z.array(z.string()).min(1).optional(),
  layers: z.array(z.string()).min(1).optional(),
  movieRuns: z.array(z.string()).min(1).optional(),
  directions: z.array(directionChoice).min(1).default(['fbn-to-filter', 'filter-to-fbn']),
  mode: modeChoice.default('paper'),
  /** Of corrected mode; `circular-shift` takes every shift, the others draw `samples` by `seed`. */
  null: nullChoice.default('circular-shift'),
  samples: z.number().int().min(19).max(100_000).default(999),
  seed: seed.default(0),
  reducer: reducerChoice.default('max'),
  frames: frameRuleChoice.default('last'),
  /** Controls, none of them in the paper; couplings under control are kept beside those without. */
  confounds: z.array(confoundChoice).default([]),
  response: responseChoice.default('none'),
  /** Delays of the filters behind the movie that are tried, in seconds. */
  lag: z
    .strictObject({ least: delaySeconds.default(0), most: delaySeconds })
    .refine(({ least, most }) => least <= most, 'the least delay is above the most')
    .nullable()
    .default(null),
});

/** Whether pairs carry over to other runs and subjects, their ceiling, and what confounds of the movie do. */
export const analyseInput = z.strictObject({
  embedding: count.optional(),
  models: z.array(z.string()).min(1).optional(),
  /** Of the resamples that intervals rest on. */
  seed: seed.default(0),
});

/** Whole layers against the FBNs: what all filters together predict, and how alike the two are over time. */
export const compareInput = z.strictObject({
  embedding: count.optional(),
  models: z.array(z.string()).min(1).optional(),
});

/** The metrics of the paper's Table 4 for pairs FBN to filter at last convolutions; what is measured already is not measured again. */
export const measurePairsInput = z.strictObject({
  /** Of embeddings with so many FBNs; all by default. */
  fbns: count.optional(),
  /** Sakoe–Chiba band of a second DTW, in time points. */
  band: count.optional(),
});

/** The whole method on a phantom, inside the open project. */
export const phantomInput = z.strictObject({
  /** Multiple of the default noise. */
  noise: positive.default(1),
  seed: seed.default(0),
  subjects: count.optional(),
  fbns: count.optional(),
  epochs: count.optional(),
});

/** Every kind of job a project can be asked for, with what it takes. */
export const jobInputs = {
  'import-fmri': importFmriInput,
  'import-movie': importMovieInput,
  'import-model': importModelInput,
  'random-model': randomModelInput,
  train: trainInput,
  decompose: decomposeInput,
  'import-embedding': importEmbeddingInput,
  assess: assessInput,
  extract: extractInput,
  'merge-shards': mergeShardsInput,
  couple: coupleInput,
  analyse: analyseInput,
  compare: compareInput,
  'measure-pairs': measurePairsInput,
  'import-terms': importTermsInput,
  decode: decodeInput,
  'import-labels': importLabelsInput,
  'filter-images': filterImagesInput,
  dissect: dissectInput,
  export: exportInput,
  relink: relinkInput,
  phantom: phantomInput,
} as const;

export type JobType = keyof typeof jobInputs;
/** A job's input as a caller may write it: what has a default may be left out. */
export type JobInput<Type extends JobType> = z.input<(typeof jobInputs)[Type]>;
/** A job's input as its handler gets it. */
export type ParsedJobInput<Type extends JobType> = z.output<(typeof jobInputs)[Type]>;
