import { z } from 'zod';

/** How the meaning of an FBN and that of a filter relate. */
export const relations = ['same', 'related', 'unrelated', 'unsure'] as const;
export const confidences = ['low', 'medium', 'high'] as const;
/** What a decision was based on. */
export const evidences = ['map', 'activations', 'frames', 'terms', 'labels', 'images'] as const;
/** What somebody has decided about a pair; `unseen` where nobody has. A flag comes on top. */
export const statuses = ['unseen', 'skipped', 'accepted', 'edited', 'rejected'] as const;
/** What a person did; the name of a step of undo follows from it. */
export const decisionActions = ['accept', 'reject', 'edit', 'flag', 'skip', 'restore', 'bulk', 'import', 'carry'] as const;

export type Relation = (typeof relations)[number];
export type Confidence = (typeof confidences)[number];
export type Evidence = (typeof evidences)[number];
export type Status = (typeof statuses)[number];
export type DecisionAction = (typeof decisionActions)[number];

const uuid = z.uuid();
const hash = z.string().regex(/^[\w:.-]{1,128}$/);
const index = z.number().int().nonnegative();
const description = z.string().max(2000);
export const authorSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'a name on one line');
export const tagNameSchema = authorSchema;

/** One person's annotation of one pair. */
export const annotationSchema = z.strictObject({
  status: z.enum(statuses),
  flagged: z.boolean(),
  /** What the FBN is taken to stand for, and the filter. */
  fbn: description,
  filter: description,
  relation: z.enum(relations).nullable(),
  evidence: z.array(z.enum(evidences)).max(evidences.length),
  /** Ids of tags of the vocabulary. */
  tags: z.array(uuid).max(100),
  note: z.string().max(10_000),
  confidence: z.enum(confidences).nullable(),
});
export type Annotation = z.infer<typeof annotationSchema>;

/** A description that is offered, with where it comes from: "your description of FBN 3 in 2 other pairs". */
const offered = z.strictObject({ text: description, from: z.string().max(300) });
export const suggestionSchema = z.strictObject({ fbn: offered.nullable(), filter: offered.nullable() });
export type Suggestion = z.infer<typeof suggestionSchema>;

/**
 * What makes a pair this one and no other, on any machine: the weights of the CNN, the layer's name, the filter, the training that
 * the FBN comes of, and its number in it. Not the runs, r or p: those may be computed again. An embedding trained on other data or
 * with other settings has another key and other FBNs: their numbers mean nothing across trainings, so annotations stay with theirs.
 */
export const pairIdentitySchema = z.strictObject({
  embedding: hash,
  fbn: index,
  /** Hash of the model's file and its external data. */
  model: hash,
  layer: z.string().min(1).max(500),
  filter: index,
});
export type PairIdentity = z.infer<typeof pairIdentitySchema>;

/** What lay beneath a decision when it was made: compared with what is there now. */
export const basisSchema = z.strictObject({
  /** Hash of the embedding's weights. */
  checkpoint: hash.nullable(),
  modelName: z.string().max(200),
  /** Couplings that had the pair, with the hash of everything they were computed from. */
  couplings: z
    .array(
      z.strictObject({
        movieRun: z.string().max(500),
        direction: z.enum(['fbn-to-filter', 'filter-to-fbn']),
        key: hash,
        r: z.number(),
        p: z.number(),
      }),
    )
    .max(1000),
  /** The FBN's best filter in each movie run. */
  bestFilters: z.array(z.strictObject({ movieRun: z.string().max(500), filter: index })).max(1000),
  program: z.string().max(50),
});
export type Basis = z.infer<typeof basisSchema>;

/** What chooses pairs of the queue; kept under a name where it is saved. */
export const queueFilterSchema = z.strictObject({
  show: z.enum(['all', 'unseen', 'skipped', 'accepted', 'edited', 'rejected', 'flagged', 'disagreements', 'changed', 'carried']),
  model: z.string().max(200).nullable(),
  layer: z.string().max(500).nullable(),
  leastR: z.number().min(-1).max(1),
  mostP: z.number().min(0).max(1),
  /** Movie runs in which the two are a pair, at least. */
  leastRuns: z.number().int().min(0).max(10_000),
  relation: z.enum(relations).nullable(),
  tag: uuid.nullable(),
  text: z.string().max(500),
  // Filters saved by earlier versions have none of these.
  /** Share of its layer's movie runs in which the two are a pair, at least. */
  leastStability: z.number().min(0).max(1).optional(),
  /** Words of one of the FBN's strongest terms, and of one of the filter's labels. */
  term: z.string().max(200).optional(),
  label: z.string().max(200).optional(),
});
export type QueueFilter = z.infer<typeof queueFilterSchema>;
export const everything: QueueFilter = {
  ...{ show: 'all', model: null, layer: null, leastR: -1, mostP: 1, leastRuns: 0, relation: null, tag: null, text: '' },
};

const common = {
  id: uuid,
  /** Lamport clock: above that of everything its author's program knew of. Order is by it, then by id; never by the clock on the wall. */
  counter: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
  author: authorSchema,
  at: z.iso.datetime(),
  /** The step of undo this belongs to: one event, or all those of a change in bulk. */
  group: uuid,
};

const decisionEventSchema = z.strictObject({
  ...common,
  kind: z.literal('decision'),
  action: z.enum(decisionActions),
  pair: pairIdentitySchema,
  before: annotationSchema.nullable(),
  after: annotationSchema.nullable(),
  /** What was offered when it was decided. */
  suggestion: suggestionSchema.nullable(),
  basis: basisSchema,
  /** Of what was carried over from another embedding: its training, its FBN, and |r| of the two FBNs' maps. */
  carried: z.strictObject({ embedding: hash, fbn: index, r: z.number().min(0).max(1.001) }).optional(),
});

const adjudicationEventSchema = z.strictObject({
  ...common,
  kind: z.literal('adjudication'),
  pair: pairIdentitySchema,
  before: annotationSchema.nullable(),
  after: annotationSchema.nullable(),
  /** Whose annotation was taken as it is; null for one of the adjudicator's own. */
  taken: authorSchema.nullable(),
  /** The decisions it was made between, by event. */
  between: z.array(uuid).max(100),
  basis: basisSchema,
});

const tagEventSchema = z.strictObject({
  ...common,
  kind: z.literal('tag'),
  tag: uuid,
  change: z.discriminatedUnion('what', [
    z.strictObject({ what: z.literal('add'), name: tagNameSchema }),
    z.strictObject({ what: z.literal('rename'), from: tagNameSchema, name: tagNameSchema }),
    z.strictObject({ what: z.literal('merge'), into: uuid }),
  ]),
});

const filterEventSchema = z.strictObject({
  ...common,
  kind: z.literal('saved-filter'),
  name: tagNameSchema,
  /** null removes it. */
  filter: queueFilterSchema.nullable(),
});

/** Takes a step back, or does it again. */
const undoEventSchema = z.strictObject({ ...common, kind: z.literal('undo'), target: uuid });
const redoEventSchema = z.strictObject({ ...common, kind: z.literal('redo'), target: uuid });

/** One action, as it stands in the log for good. */
export const annotationEventSchema = z.discriminatedUnion('kind', [
  decisionEventSchema,
  adjudicationEventSchema,
  tagEventSchema,
  filterEventSchema,
  undoEventSchema,
  redoEventSchema,
]);
export type DecisionEvent = z.infer<typeof decisionEventSchema>;
export type AdjudicationEvent = z.infer<typeof adjudicationEventSchema>;
export type TagEvent = z.infer<typeof tagEventSchema>;
export type FilterEvent = z.infer<typeof filterEventSchema>;
export type AnnotationEvent = z.infer<typeof annotationEventSchema>;

export const emptyAnnotation: Annotation = {
  ...{
    status: 'unseen',
    flagged: false,
    fbn: '',
    filter: '',
    relation: null,
    evidence: [],
    tags: [],
    note: '',
    confidence: null,
  },
};
