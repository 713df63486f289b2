import { z } from 'zod';
import {
  authorSchema,
  confidences,
  evidences,
  pairIdentitySchema,
  relations,
  statuses,
  type Annotation,
  type Basis,
  type DecisionEvent,
  type PairIdentity,
} from '../../src-preload/shared/contract/annotations';
import { currentAdjudication, currentDecision, type LogState } from './replay';
import { tagNames, type Vocabulary } from './tags';

const text = z.string();

/** One exported annotation: of one pair by one person, or the adjudication that decides. */
export const rowSchema = z.strictObject({
  /** Event that the row was written from: a file edited elsewhere is compared with it. */
  event: z.uuid().describe('Identifier of the decision in the annotation log'),
  author: authorSchema.describe('Who decided'),
  role: z.enum(['rater', 'adjudicator']).describe('Whether this is a rater’s own annotation or the adjudication between raters'),
  model: text.describe('Name of the CNN when it was decided'),
  layer: text.describe('Layer of the CNN'),
  filter: pairIdentitySchema.shape.filter.describe('Filter of the layer, counted from 0'),
  fbn: pairIdentitySchema.shape.fbn.describe('Functional brain network of the embedding, counted from 0'),
  status: z.enum(statuses).describe('What was decided about the pair'),
  relation: z.enum(relations).nullable().describe('How the meaning of the FBN and that of the filter relate'),
  fbn_description: text.describe('What the FBN is taken to stand for'),
  filter_description: text.describe('What the filter is taken to stand for'),
  tags: z.array(text).describe('Tags of the project’s vocabulary'),
  evidence: z.array(z.enum(evidences)).describe('What the decision was based on'),
  confidence: z.enum(confidences).nullable().describe('How sure the author is'),
  flagged: z.boolean().describe('Whether the pair is flagged'),
  note: text.describe('Free note'),
  r: z.number().nullable().describe('Highest Pearson r of the pair over movie runs when it was decided'),
  p: z.number().nullable().describe('p of that r: t-test with N − 2 degrees of freedom, N the time points'),
  movie_runs: z.array(text).describe('Movie runs in which the two were a pair when it was decided'),
  decided_at: z.iso.datetime().describe('When it was decided, UTC'),
  carried_from: pairIdentitySchema.shape.embedding
    .nullable()
    .describe('Of an annotation carried over from another embedding: hash of that training'),
  carried_fbn: pairIdentitySchema.shape.fbn.nullable().describe('Of an annotation carried over: FBN that it was made of'),
  carried_map_r: z.number().nullable().describe('Of an annotation carried over: Pearson r of the two FBNs’ maps, without sign'),
  taken_from: authorSchema.nullable().describe('Of an adjudication: whose annotation was taken as it was'),
  embedding_key: pairIdentitySchema.shape.embedding.describe('Hash of the training that the FBN comes of'),
  model_hash: pairIdentitySchema.shape.model.describe('Hash of the CNN’s file'),
});
export type AnnotationRow = z.infer<typeof rowSchema>;
export const rowColumns = Object.keys(rowSchema.shape) as (keyof AnnotationRow)[];

/** A JSON export; its schema is docs/annotations.schema.json. */
export const documentSchema = z.strictObject({
  format: z.literal('syncact-annotations'),
  version: z.literal(1),
  program: text.describe('Version of the program that wrote it'),
  project: text,
  tags: z.array(z.strictObject({ id: z.uuid(), name: text })),
  annotations: z.array(rowSchema),
});
export type AnnotationDocument = z.infer<typeof documentSchema>;

/** Everything that stands, ordered by model, layer, filter, FBN and author. @param author only this one's; everybody's by default */
export function rowsOf(state: LogState, vocabulary: Vocabulary, author?: string): AnnotationRow[] {
  const rows: AnnotationRow[] = [];
  for (const log of state.pairs.values()) {
    for (const name of log.decisions.keys()) {
      if (author !== undefined && name !== author) continue;
      const event = currentDecision(state, log, name);
      if (event?.after) rows.push(makeRow({ ...event, after: event.after }, 'rater', null, vocabulary));
    }
    const adjudication = author === undefined ? currentAdjudication(state, log) : undefined;
    if (adjudication?.after)
      rows.push(makeRow({ ...adjudication, after: adjudication.after }, 'adjudicator', adjudication.taken, vocabulary));
  }
  const order = (row: AnnotationRow) => [row.model, row.layer, row.filter, row.fbn, row.author, row.role] as const;
  return rows.sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    const at = left.findIndex((value, i) => value !== right[i]);
    return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1;
  });
}

interface Source {
  id: string;
  author: string;
  at: string;
  pair: PairIdentity;
  after: Annotation;
  basis: Basis;
  carried?: DecisionEvent['carried'];
}

function makeRow(
  { id, author, at, pair, after, basis, carried }: Source,
  role: AnnotationRow['role'],
  taken: string | null,
  vocabulary: Vocabulary,
): AnnotationRow {
  const best = basis.couplings.reduce<Basis['couplings'][number] | undefined>((a, b) => (a && a.r >= b.r ? a : b), undefined);
  return {
    ...{ event: id, author, role, model: basis.modelName, layer: pair.layer, filter: pair.filter, fbn: pair.fbn },
    ...{ status: after.status, relation: after.relation, fbn_description: after.fbn, filter_description: after.filter },
    ...{ tags: tagNames(vocabulary, after.tags), evidence: after.evidence, confidence: after.confidence },
    ...{ flagged: after.flagged, note: after.note, r: best?.r ?? null, p: best?.p ?? null },
    movie_runs: [...new Set(basis.couplings.map(({ movieRun }) => movieRun))],
    ...{ carried_from: carried?.embedding ?? null, carried_fbn: carried?.fbn ?? null, carried_map_r: carried?.r ?? null },
    ...{ decided_at: at, taken_from: taken, embedding_key: pair.embedding, model_hash: pair.model },
  };
}
