import { z } from 'zod';
import type { Annotation, DecisionAction, QueueFilter, Suggestion } from './annotations';
import {
  annotationSchema,
  authorSchema,
  decisionActions,
  queueFilterSchema,
  suggestionSchema,
  tagNameSchema,
} from './annotations';
import { path } from './paths';

const id = z.number().int().positive();
const index = z.number().int().nonnegative();
/** What an error says when a change could not be written, and may be later. */
export const NOT_SAVED = 'the annotation is not saved';
/** A pair where it is in this project. */
const pairPlace = z.strictObject({ embedding: id, layer: id, fbn: index, filter: index });
export type PairPlace = z.infer<typeof pairPlace>;
/** Made by whoever asks: asked again under the same id, nothing happens twice. */
const event = z.uuid();
const who = { author: authorSchema, blind: z.boolean() };
const change = { id: event, ...who, embedding: id };
const leastR = z.number().min(0).max(1);
const MOST_AT_ONCE = 50_000;

/** Inputs of the routes of the annotation desk. */
export const annotationRouteInputs = {
  'annotations.authors': z.strictObject({}),
  /** How far the curation of the newest coupled embedding has come. */
  'annotations.progress': z.strictObject({}),
  'annotations.state': z.strictObject({ ...who, embedding: id }),
  /** Terms of the FBNs and labels of the filters of an embedding's pairs, to filter by. */
  'annotations.meanings': z.strictObject({ embedding: id }),
  /** What is known of one pair besides its place in the queue. */
  'annotations.pair': z.strictObject({ ...who, pair: pairPlace }),
  'annotations.decide': z.strictObject({
    ...change,
    action: z.enum(decisionActions),
    pair: pairPlace,
    annotation: annotationSchema.nullable(),
    suggestion: suggestionSchema.nullable(),
  }),
  /** The same change of many pairs, as one step of undo; what is left out stays as it is with each. */
  'annotations.decideMany': z.strictObject({
    ...change,
    pairs: z.array(pairPlace).min(1).max(MOST_AT_ONCE),
    patch: annotationSchema
      .omit({ tags: true })
      .partial()
      .extend({ addTags: z.array(z.uuid()).max(100).optional() }),
  }),
  'annotations.adjudicate': z.strictObject({
    ...change,
    pair: pairPlace,
    taken: authorSchema.nullable(),
    annotation: annotationSchema,
  }),
  'annotations.step': z.strictObject({ ...change, way: z.enum(['undo', 'redo']) }),
  'annotations.tag': z.strictObject({
    ...change,
    tag: z.uuid(),
    change: z.discriminatedUnion('what', [
      z.strictObject({ what: z.literal('add'), name: tagNameSchema }),
      z.strictObject({ what: z.literal('rename'), name: tagNameSchema }),
      z.strictObject({ what: z.literal('merge'), into: z.uuid() }),
    ]),
  }),
  'annotations.tagHistory': z.strictObject({}),
  'annotations.saveFilter': z.strictObject({ ...change, name: tagNameSchema, filter: queueFilterSchema.nullable() }),
  'annotations.agreement': z.strictObject({ raters: z.tuple([authorSchema, authorSchema]) }),
  'annotations.planImport': z.strictObject({ ...who, file: path }),
  'annotations.import': z.strictObject({ ...change, file: path, hash: z.string().max(64) }),
  /** What would go over from one embedding's annotations to another's; nothing is written. */
  'annotations.planCarry': z.strictObject({ author: authorSchema, from: id, to: id, leastR }),
  'annotations.carry': z.strictObject({ ...change, from: id, leastR }),
  'annotations.merge': z.strictObject({ ...who, embedding: id, file: path }),
} as const;

export interface AuthorView {
  author: string;
  pairs: number;
  lastAt: string;
}

/** What has been said of one pair; pairs of which nothing was said are left out. */
export interface AnnotationEntry {
  layer: number;
  fbn: number;
  filter: number;
  mine: Annotation | null;
  /** When the own annotation was made; null where there is none. */
  at: string | null;
  /** What others say; nothing in a blind pass. */
  others: { author: string; annotation: Annotation }[];
  adjudicated: { by: string; taken: string | null; annotation: Annotation } | null;
  /** Whether two or more people differ and nobody has adjudicated. */
  isDisagreement: boolean;
  /** Whether what lies beneath the own annotation is no longer what it was made against. */
  isChanged: boolean;
  /** Where the own annotation was carried over from, while nobody has decided anew; `embedding` null where it is not in the project. */
  carried: { embedding: number | null; fbn: number; r: number } | null;
}

/** What a change comes to: entries that differ from before, and what can be taken back next. */
export interface AnnotationChange {
  /** Rises with everything that is written to the log. */
  counter: number;
  /** null: too much differs, ask for the state again. */
  entries: AnnotationEntry[] | null;
  undo: string | null;
  redo: string | null;
  /** How many decisions this author made in the last hour, and seconds between two of them in the middle; null where unknown. */
  pace: { lastHour: number; secondsEach: number | null };
}

export interface AnnotationStateView extends Omit<AnnotationChange, 'entries'> {
  entries: AnnotationEntry[];
  tags: { id: string; name: string; uses: number }[];
  /** What every id of a tag stands for now, where it is another one. */
  tagAliases: Record<string, string>;
  filters: { name: string; filter: QueueFilter }[];
  authors: AuthorView[];
  /** Pairs annotated by this author whose embedding or model is not in the project. */
  elsewhere: number;
  /** Other embeddings of the project that this author has annotated, of which nothing was carried over to this one. */
  carriable: { embedding: number; pairs: number }[];
}

export interface FbnAndFilterMeanings {
  /** [FBNs] the strongest terms of each, strongest first; none where the embedding was not compared with terms. */
  terms: string[][];
  /** Layers that have labels, with the filters that got any. */
  labels: { layer: number; filters: { filter: number; labels: string[] }[] }[];
}

export interface CurationProgress {
  /** The newest embedding that is coupled; null where none is. */
  embedding: number | null;
  /** Best filters of its FBNs, each pair once. */
  pairs: number;
  /** Who has decided on how many of them; those with the most first. */
  raters: { author: string; decided: number }[];
}

export interface PairHistoryEntry {
  event: string;
  at: string;
  author: string;
  action: DecisionAction | 'adjudicate';
  annotation: Annotation | null;
  isUndone: boolean;
  isCurrent: boolean;
}

export interface AnnotatedPairView {
  suggestion: Suggestion;
  /** Newest first. */
  history: PairHistoryEntry[];
  /** What is no longer as it was when the own annotation was made, in words. */
  changes: string[];
}

export interface AgreementView {
  raters: [string, string];
  /** Pairs that both have decided. */
  pairs: number;
  fields: AgreementField[];
  disagreements: { pair: PairPlace | null; what: string; fields: { field: string; values: [string, string] }[] }[];
}

export interface AgreementField {
  field: string;
  pairs: number;
  /** Share of the pairs in which both say the same, in [0, 1]. */
  agreement: number | null;
  kappa: number | null;
  /** 95 % confidence interval of κ; null where the ratings cannot give one. */
  interval: [number, number] | null;
  /** Why there is no κ, or no interval; null where both are there. */
  why: string | null;
}

/** What an edited file would change; nothing is written. */
export interface AnnotationImportPlan {
  /** Of the file as it was read: what is applied is this and nothing else. */
  hash: string;
  rows: number;
  unchanged: number;
  changes: { what: string; pair: PairPlace | null; fields: { field: string; before: string; after: string }[] }[];
  newTags: string[];
  problems: string[];
}

/** What goes over from one embedding's annotations to another's, and what does not. */
export interface CarryView {
  annotations: number;
  carried: number;
  /** Not carried over: no FBN with a map enough alike; no such pair there; annotated there already. */
  unlike: number;
  notPaired: number;
  annotated: number;
  /** FBNs with their partners, |r| of the maps, and how many annotations go over. */
  matches: { from: number; to: number; r: number; annotations: number }[];
  /** The first of what is carried over. */
  pairs: { what: string; from: number; r: number; says: string }[];
}

export interface AnnotationRouteOutputs {
  'annotations.authors': AuthorView[];
  'annotations.progress': CurationProgress;
  'annotations.state': AnnotationStateView;
  'annotations.meanings': FbnAndFilterMeanings;
  'annotations.pair': AnnotatedPairView;
  'annotations.decide': AnnotationChange;
  'annotations.decideMany': AnnotationChange;
  'annotations.adjudicate': AnnotationChange;
  'annotations.step': AnnotationChange & { label: string | null; pair: Omit<PairPlace, 'embedding'> | null };
  'annotations.tag': AnnotationChange;
  'annotations.tagHistory': { at: string; author: string; what: string; isUndone: boolean }[];
  'annotations.saveFilter': AnnotationChange;
  'annotations.agreement': AgreementView;
  'annotations.planImport': AnnotationImportPlan;
  'annotations.import': AnnotationChange;
  'annotations.planCarry': CarryView;
  'annotations.carry': AnnotationChange;
  'annotations.merge': { added: number; known: number };
}
