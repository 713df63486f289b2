import { z } from 'zod';
import { path } from './paths';

const count = z.number().int().positive();
const name = z.string().trim().min(1).max(200);

/** Where terms and their maps come from. */
export const termSource = z.union([
  /** A folder with the files of a meta-analytic database in the layout of Neurosynth 7. */
  z.strictObject({ database: path, vocabulary: z.string().min(1).optional() }),
  /** A dataset of NiMARE in JSON, with labels. */
  z.strictObject({ nimare: path }),
  /** A folder of ready maps, NIfTI, named by term. */
  z.strictObject({ maps: path }),
]);

export const importTermsInput = z.strictObject({
  source: termSource,
  /** What the vocabulary is called in the project; as its source calls it where left out. */
  name: name.optional(),
  /** Brain mask the maps are made under; the project's own where left out. */
  mask: path.optional(),
  /** Weight above which a study is one of a term; the usual one of the kind of features where left out. */
  threshold: z.number().nonnegative().optional(),
  /** Whether peaks of an unknown space are taken as MNI or left out. */
  unknownSpace: z.enum(['mni', 'skip']).default('mni'),
});

export const decodeInput = z.strictObject({
  /** The newest complete one by default. */
  embedding: count.optional(),
  /** All by default. */
  vocabularies: z.array(name).min(1).optional(),
  /** How many random maps FBNs are compared with beside, as a second opinion; none where left out. */
  permutations: z.number().int().min(19).max(100_000).optional(),
});

export const importLabelsInput = z.strictObject({
  /** Name of the model whose filters the labels are of. */
  model: z.string().min(1),
  /** tally.csv, report.json, descriptions … */
  file: path,
  /** The layer they are of; as the file says, or the only one that fits, where left out. */
  layer: z.string().min(1).optional(),
  /** Number of the first unit in the file; found where left out. */
  firstUnit: z.union([z.literal(0), z.literal(1)]).optional(),
  name: name.optional(),
});

export const filterImagesInput = z.strictObject({
  model: z.string().min(1),
  layer: z.string().min(1),
  /** Any folder of pictures. */
  folder: path,
  /** What the set is called; as the folder where left out. */
  name: name.optional(),
  /** Pictures kept of each filter. */
  count: count.max(50).default(10),
  /** Size at which pictures enter a CNN that takes any. */
  size: count.max(2048).default(227),
  threads: count.optional(),
});

export const dissectInput = z.strictObject({
  model: z.string().min(1),
  layer: z.string().min(1),
  /** A folder in the format of Broden, or of pictures and masks. */
  folder: path,
  name: name.optional(),
  /** Share of its activations that a unit counts as active with. */
  quantile: z.number().gt(0).lt(0.5).default(0.005),
  count: count.max(50).default(10),
  size: count.max(2048).default(227),
  threads: count.optional(),
});
