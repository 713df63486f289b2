import { z } from 'zod';
import {
  annotationSchema,
  confidences,
  evidences,
  relations,
  statuses,
  tagNameSchema,
  type Annotation,
  type PairIdentity,
} from '../../src-preload/shared/contract/annotations';
import { annotationOf, type LogState } from './replay';
import { describeIdentity } from './steps';
import { splitNames, type TableLine } from './table-text';
import { tagNames, type Vocabulary } from './tags';

/** Columns that say which pair a line is of. */
const identityColumns = ['embedding_key', 'model_hash', 'layer', 'filter', 'fbn'] as const;

/** What a line of an edited table changes. */
export interface PlannedChange {
  identity: PairIdentity;
  what: string;
  /** Names of tags, not ids: new ones have none yet. */
  after: Omit<Annotation, 'tags'> & { tags: string[] };
  fields: { field: string; before: string; after: string }[];
}

export interface ImportPlan {
  rows: number;
  unchanged: number;
  changes: PlannedChange[];
  newTags: string[];
  problems: string[];
}

const edited = z.object({
  status: z.enum(statuses),
  relation: z.enum(relations).nullable(),
  fbn_description: annotationSchema.shape.fbn,
  filter_description: annotationSchema.shape.filter,
  tags: z.array(tagNameSchema).max(100),
  evidence: z.array(z.enum(evidences)).max(evidences.length),
  confidence: z.enum(confidences).nullable(),
  flagged: z.boolean(),
  note: annotationSchema.shape.note,
});
type Edited = z.infer<typeof edited>;

/**
 * What an edited table would change of an author's annotations. Lines of other authors and of adjudicators are left out; columns that
 * are missing stay as they are; what was computed (r, p, movie runs, dates) is not read. Nothing is written.
 */
export function planImport(
  state: LogState,
  vocabulary: Vocabulary,
  author: string,
  { columns, lines }: { columns: readonly string[]; lines: readonly TableLine[] },
): ImportPlan {
  const plan: ImportPlan = { rows: 0, unchanged: 0, changes: [], newTags: [], problems: [] };
  const missing = identityColumns.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    plan.problems.push(`no column ${missing.join(', ')}: export the annotations as CSV, and edit that`);
    return plan;
  }
  const known = new Set(vocabulary.tags.map(({ name }) => name.toLocaleLowerCase('en')));
  const seen = new Map<string, number>();
  for (const { line, cells } of lines) {
    if ((cells.author !== undefined && cells.author !== author) || cells.role === 'adjudicator') continue;
    plan.rows += 1;
    const [fbn, filter] = [Number(cells.fbn || NaN), Number(cells.filter || NaN)];
    const identity = { embedding: cells.embedding_key!, fbn, model: cells.model_hash!, layer: cells.layer!, filter };
    const before = Number.isInteger(fbn) && Number.isInteger(filter) ? annotationOf(state, identity, author) : null;
    if (!before) {
      plan.problems.push(`line ${line}: there is no annotation of yours of such a pair; only what was exported can be edited`);
      continue;
    }
    const key = JSON.stringify(identity);
    if (seen.has(key)) {
      plan.problems.push(`line ${line}: the same pair as line ${seen.get(key)}`);
      continue;
    }
    seen.set(key, line);
    const was = textOf(before, vocabulary);
    const parsed = edited.safeParse(readCells(cells, was));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      plan.problems.push(`line ${line}: ${issue?.path.join('.')}: ${issue?.message}`);
      continue;
    }
    addChange(plan, identity, was, parsed.data, known);
  }
  return plan;
}

function addChange(plan: ImportPlan, identity: PairIdentity, was: Edited, now: Edited, known: Set<string>): void {
  const show = (value: Edited[keyof Edited]) => (Array.isArray(value) ? value.join('; ') : String(value ?? ''));
  const names = Object.keys(edited.shape) as (keyof Edited)[];
  const fields = names
    .map((field) => ({ field, before: show(was[field]), after: show(now[field]) }))
    .filter(({ before, after }) => before !== after);
  if (fields.length === 0) return void (plan.unchanged += 1);
  for (const name of now.tags) {
    if (known.has(name.toLocaleLowerCase('en'))) continue;
    known.add(name.toLocaleLowerCase('en'));
    plan.newTags.push(name);
  }
  const { fbn_description: fbn, filter_description: filter, ...rest } = now;
  plan.changes.push({ identity, what: describeIdentity(identity), after: { ...rest, fbn, filter }, fields });
}

function textOf(annotation: Annotation, vocabulary: Vocabulary): Edited {
  const { fbn, filter, tags, ...rest } = annotation;
  return { ...rest, fbn_description: fbn, filter_description: filter, tags: tagNames(vocabulary, tags) };
}

/** Cells as values; what has no column stays as it was. A spreadsheet may write TRUE for true. */
function readCells(cells: TableLine['cells'], was: Edited): Record<keyof Edited, unknown> {
  const nothing = (cell: string | undefined) => (cell === '' || cell === 'n/a' ? null : cell);
  const given = <Value>(cell: string | undefined, value: (cell: string) => unknown, old: Value) =>
    cell === undefined ? old : value(cell);
  const truth = (cell: string) => ({ true: true, false: false, '1': true, '0': false })[cell.trim().toLowerCase()] ?? cell;
  return {
    status: given(cells.status, (cell) => cell.trim(), was.status),
    relation: given(cells.relation, (cell) => nothing(cell.trim()), was.relation),
    fbn_description: given(cells.fbn_description, (cell) => (cell === 'n/a' ? '' : cell), was.fbn_description),
    filter_description: given(cells.filter_description, (cell) => (cell === 'n/a' ? '' : cell), was.filter_description),
    tags: given(cells.tags, (cell) => (nothing(cell) === null ? [] : splitNames(cell)), was.tags),
    evidence: given(cells.evidence, (cell) => (nothing(cell) === null ? [] : splitNames(cell)), was.evidence),
    confidence: given(cells.confidence, (cell) => nothing(cell.trim()), was.confidence),
    flagged: given(cells.flagged, truth, was.flagged),
    note: given(cells.note, (cell) => (cell === 'n/a' ? '' : cell), was.note),
  };
}
