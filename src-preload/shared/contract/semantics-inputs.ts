import { z } from 'zod';

const path = z.string().min(1);
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
});
