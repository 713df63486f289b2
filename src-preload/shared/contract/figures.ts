import { z } from 'zod';
import type { ModelHierarchy } from './comparisons';
import { path } from './paths';

/** How a figure looks on paper; the widths of one and two columns are 89 and 183 mm in most journals. */
const page = {
  title: z.string().max(200).optional(),
  widthMm: z.number().min(40).max(400).default(183),
  /** In points. */
  fontSize: z.number().min(4).max(14).default(6),
  /** Of raster parts, and of PNG files. */
  dpi: z.number().int().min(72).max(1200).default(300),
};

const paper = {
  ...page,
  /** The newest complete one by default; of figures of couplings, the newest coupled one. */
  embedding: z.number().int().positive().optional(),
};

/** How maps are drawn. */
const maps = {
  palette: z.enum(['blue-red', 'purple-orange']).default('blue-red'),
  /** Slices, or a glass brain. */
  glass: z.boolean().default(false),
  /** The subject's left on the right. */
  radiological: z.boolean().default(false),
  /** A NIfTI file to draw maps on, such as MNI152; the mean of the runs' mean images where left out. */
  template: path.optional(),
};

const brain = {
  ...maps,
  /** Share of a map's own limit (its 99.5th percentile) below which nothing is drawn. */
  threshold: z.number().min(0).max(0.95).default(0.4),
};

const direction = z.enum(['fbn-to-filter', 'filter-to-fbn']).default('fbn-to-filter');

/** Panels side by side. */
const columns = z.number().int().min(1).max(4).default(2);

export const pairRow = z.strictObject({
  fbn: z.number().int().nonnegative(),
  model: z.string(),
  layer: z.string(),
  filter: z.number().int().nonnegative(),
  movieRun: z.string(),
});

export const figureSpec = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pairs'),
    ...paper,
    ...brain,
    direction,
    /** In this order; the best pairs where left out. */
    rows: z.array(pairRow).min(1).max(64).optional(),
    /** How many of the best pairs, of different FBNs. */
    best: z.number().int().min(1).max(64).default(4),
    rowHeightMm: z.number().min(18).max(120).default(36),
    letters: z.boolean().default(true),
    /** Frames of the movie leave the project only when asked: its makers hold the rights. */
    frames: z.enum(['drop', 'blur', 'show']).default('blur'),
    frameCount: z.number().int().min(1).max(12).default(5),
    /** Name of the vocabulary that terms come from; the newest that the FBNs are compared with where left out. */
    vocabulary: z.string().optional(),
    /** Functional words only, or anatomical, clinical and method words too. */
    termKinds: z.enum(['functional', 'all']).default('functional'),
    termCount: z.number().int().min(0).max(8).default(4),
    /** Name of the labels and of the pictures of filters; the newest of each layer where left out. */
    labels: z.string().optional(),
    images: z.string().optional(),
    /** 0: none. */
    imageCount: z.number().int().min(0).max(12).default(5),
  }),
  z.strictObject({
    kind: z.literal('atlas'),
    ...paper,
    ...brain,
    /** All where left out. */
    fbns: z.array(z.number().int().nonnegative()).min(1).optional(),
    columns: z.number().int().min(1).max(8).default(4),
    cuts: z.number().int().min(1).max(12).default(5),
  }),
  z.strictObject({
    kind: z.literal('comparison'),
    ...page,
    ...maps,
    /** The others are matched to the first; the newest of every variant where left out. */
    embeddings: z.array(z.number().int().positive()).min(2).max(4).optional(),
    /** Of the first embedding, in this order; the best matched where left out. */
    fbns: z.array(z.number().int().nonnegative()).min(1).max(512).optional(),
    /** How many of the best matched. */
    best: z.number().int().min(1).max(64).default(6),
    /** No higher than what the width of a column asks for. */
    rowHeightMm: z.number().min(12).max(120).default(28),
    /** Voxels are drawn from here on, in percent of the averaged histogram of |weight|; colours end at the other. */
    fromPercentile: z.number().min(0).max(99).default(40),
    toPercentile: z.number().min(1).max(100).default(99),
  }),
  z.strictObject({ kind: z.literal('matrix'), ...paper, direction }),
  z.strictObject({ kind: z.literal('regression'), ...paper, direction, columns }),
  z.strictObject({
    kind: z.literal('ablation'),
    ...paper,
    /** Name of the model; the one that most embeddings are coupled with where left out. */
    model: z.string().optional(),
    /** Metrics side by side. */
    columns: z.number().int().min(1).max(6).default(3),
  }),
  z.strictObject({
    kind: z.literal('null-distribution'),
    ...paper,
    direction,
    /** In this order; the best pairs where left out. */
    rows: z.array(pairRow).min(1).max(64).optional(),
    /** How many of the best pairs, of different FBNs. */
    best: z.number().int().min(1).max(64).default(4),
    columns,
  }),
  z.strictObject({
    kind: z.literal('hierarchy'),
    ...paper,
    /** Name of the model; all that are compared in two layers or more where left out. */
    model: z.string().optional(),
    columns,
  }),
  z.strictObject({
    kind: z.literal('calibration'),
    ...paper,
    /** A JSON file with the figures of a study, as docs/statistics.json; the project's own nulls where left out. */
    study: path.optional(),
    columns,
  }),
]);

/** A figure as it is asked for. */
export type FigureSpec = z.output<typeof figureSpec>;
export type FigureSpecInput = z.input<typeof figureSpec>;
export type FigureKind = FigureSpec['kind'];
export const figureKinds = figureSpec.options.map(({ shape }) => shape.kind.value);
export const figureFormats = ['svg', 'pdf', 'png'] as const;
export type FigureFormat = (typeof figureFormats)[number];

/** What a saved figure is called: the name of a file. */
export const figureName = z
  .string()
  .max(80)
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_ .()-]*$/u, 'letters, digits, spaces, and . _ - ( ) only, beginning with a letter or digit');

/** A figure that was drawn: its file is a resource for a while. */
export interface DrawnFigure {
  /** Of the resource. */
  id: string;
  format: FigureFormat;
  bytes: number;
  widthMm: number;
  heightMm: number;
  /** What is written into the file, as text. */
  provenance: string;
  /** The pairs of its rows, where it has such. */
  rows: z.output<typeof pairRow>[] | null;
}

/** A figure kept in the project as a file, which `syncact figure --spec` takes as well. */
export interface SavedFigure {
  name: string;
  file: string;
  savedAt: string;
  /** null: the file is not a figure; `problem` says why. */
  spec: FigureSpec | null;
  problem: string | null;
}

/** Everything a compute process needs to draw a figure; paths are absolute. */
export interface FigureTask {
  spec: FigureSpec;
  format: FigureFormat;
  /** Written into the file. */
  provenance: unknown;
  title: string;
  /** For figures with maps. */
  brain?: {
    mask: string;
    checkpoint: string;
    /** Mean images on the mask's grid, or one image on any grid. */
    background: { means: string[] } | { template: string };
  };
  pairs?: PairFigureSource[];
  fbns?: { fbn: number; note: string }[];
  /** Embeddings of one mask; the first is the one that the others are matched to. */
  compared?: { name: string; checkpoint: string }[];
  matrix?: {
    movieRuns: string[];
    rows: { model: string; layer: string; values: (number | null)[]; published: (number | null)[] }[];
  };
  regression?: { movieRun: string; points: { model: string; top1: number; meanR: number }[] }[];
  ablation?: {
    about: string;
    metrics: { name: string; isHigherBetter: boolean }[];
    /** By metric, in their order. */
    rows: { name: string; all: (number | null)[]; runs: (number | null)[][]; published: (number | null)[] }[];
  };
  nulls?: PairNullSource[];
  hierarchy?: ModelHierarchy[];
  /** The panels of a study, or where the nulls of a project are. */
  calibration?: { about: string } & (
    { study: SharesOfStudy[] } | { nulls: { key: string; timePoints: number; filters: number }[] }
  );
  activations: string;
}

/** A pair and what chance finds in its place. */
export interface PairNullSource extends z.output<typeof pairRow> {
  r: number;
  pNaive: number;
  pCorrected: number;
  partners: string;
  method: string;
  maxima: Float32Array;
}

/** What a study found of one question: shares over what it varied, by way of telling p. */
export interface SharesOfStudy {
  title: string;
  xLabel: string;
  yLabel: string;
  isLogarithmic: boolean;
  lines: {
    label: string;
    way: 'paper' | 'corrected';
    isDashed: boolean;
    points: { x: number; share: number; error?: number }[];
  }[];
  nominal: number | 'x' | null;
}

/** Where the parts of a pair's row are. */
export interface PairFigureSource extends z.output<typeof pairRow> {
  embeddingKey: string;
  /** Keys of the runs whose FBN activations are averaged. */
  runs: string[];
  filterActivation: string;
  timePoints: number;
  trSeconds: number;
  frames: string;
  r: number;
  significance: string;
  terms: { term: string; r: number }[];
  label: string | null;
  /** File of the pictures that activate the filter most; null where there is none. */
  images: string | null;
}
