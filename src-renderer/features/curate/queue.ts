import type { AnnotationEntry } from '../../../src-preload/shared/contract/annotation-views';
import type { Annotation, QueueFilter } from '../../../src-preload/shared/contract/annotations';
import { pairMatcher } from '../coupling/pairs';

/** One pair of the queue; `key` names it within its embedding. */
export interface QueueRow {
  key: string;
  layer: number;
  fbn: number;
  filter: number;
  /** Highest r over movie runs, its p, in how many movie runs the two are a pair, and the coupling of that r. */
  r: number;
  p: number;
  runs: number;
  coupling: number;
}

/** Where a layer is. */
export interface LayerName {
  model: string;
  layer: string;
}

const COLUMNS = 7;

export function keyOf({ layer, fbn, filter }: { layer: number; fbn: number; filter: number }): string {
  return `${layer} ${fbn} ${filter}`;
}

/** @param table [pairs, 7], as the queue resource gives it */
export function queueRows(table: Float64Array): QueueRow[] {
  return Array.from({ length: table.length / COLUMNS }, (_, row) => {
    const [layer, fbn, filter, r, p, runs, coupling] = table.subarray(row * COLUMNS, (row + 1) * COLUMNS) as unknown as number[];
    const place = { layer: layer!, fbn: fbn!, filter: filter! };
    return { key: keyOf(place), ...place, r: r!, p: p!, runs: runs!, coupling: coupling! };
  });
}

/** What a filter needs to know of the project. */
export interface QueueContext {
  layers: ReadonlyMap<number, LayerName>;
  entries: ReadonlyMap<string, AnnotationEntry>;
  /** Names of an annotation's tags. */
  tagNames: (ids: readonly string[]) => string[];
  /** The id that an id of a tag stands for. */
  tagId: (id: string) => string;
}

/** Rows that a filter lets through, in the queue's order. */
export function filterQueue(rows: readonly QueueRow[], filter: QueueFilter, context: QueueContext): QueueRow[] {
  const { model, layer, leastR, mostP, leastRuns, show, relation, tag, text } = filter;
  const fits = textMatcher(text, context);
  const isShown = statusMatcher(show);
  const wanted = new Set(
    [...context.layers]
      .filter(([, one]) => (model ?? one.model) === one.model && (layer ?? one.layer) === one.layer)
      .map(([id]) => id),
  );
  return rows.filter((row) => {
    if (!wanted.has(row.layer) || row.r < leastR || row.p > mostP || row.runs < leastRuns) return false;
    const entry = context.entries.get(row.key);
    if (!isShown(entry)) return false;
    if (relation !== null && entry?.mine?.relation !== relation) return false;
    if (tag !== null && !entry?.mine?.tags.some((id) => context.tagId(id) === tag)) return false;
    return fits(row, entry);
  });
}

function statusMatcher(show: QueueFilter['show']): (entry: AnnotationEntry | undefined) => boolean {
  switch (show) {
    case 'all':
      return () => true;
    case 'flagged':
      return (entry) => entry?.mine?.flagged ?? false;
    case 'disagreements':
      return (entry) => entry?.isDisagreement ?? false;
    case 'changed':
      return (entry) => entry?.isChanged ?? false;
    default:
      return (entry) => (entry?.mine?.status ?? 'unseen') === show;
  }
}

const structured = /(?:fbn|filter)\s*\d+|[rp]\s*[<>]\s*-?[\d.]+/gi;

/** Words that must all be found in names, descriptions, notes or tags; "fbn 25", "filter 107", "r > 0.3" ask for that. */
function textMatcher(text: string, { layers, tagNames }: QueueContext): (row: QueueRow, entry?: AnnotationEntry) => boolean {
  const asked = text.match(structured)?.join(' ') ?? '';
  const matches = asked === '' ? () => true : pairMatcher(asked);
  const words = text.replace(structured, ' ').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return (row) => matches(row);
  const names = new Map([...layers].map(([id, { model, layer }]) => [id, `${model} ${layer}`.toLowerCase()]));
  const said = (entry: AnnotationEntry | undefined) => {
    const mine = entry?.mine;
    return mine ? `${mine.fbn}\n${mine.filter}\n${mine.note}\n${tagNames(mine.tags).join('\n')}`.toLowerCase() : '';
  };
  return (row, entry) => {
    if (!matches(row)) return false;
    const where = `${names.get(row.layer)} ${row.fbn} ${row.filter}\n${said(entry)}`;
    return words.every((word) => where.includes(word));
  };
}

/** How far the work on some rows has come. */
export interface Progress {
  total: number;
  decided: number;
  skipped: number;
  rejected: number;
  flagged: number;
}

export function countProgress(rows: readonly QueueRow[], entries: ReadonlyMap<string, AnnotationEntry>): Progress {
  const progress: Progress = { total: rows.length, decided: 0, skipped: 0, rejected: 0, flagged: 0 };
  if (entries.size === 0) return progress;
  for (const { key } of rows) {
    const mine = entries.get(key)?.mine;
    if (!mine) continue;
    if (isDecided(mine)) progress.decided += 1;
    if (mine.status === 'skipped') progress.skipped += 1;
    if (mine.status === 'rejected') progress.rejected += 1;
    if (mine.flagged) progress.flagged += 1;
  }
  return progress;
}

export function isDecided({ status }: Annotation): boolean {
  return status === 'accepted' || status === 'edited' || status === 'rejected';
}

/** Rows like one: the same FBN, the same filter, or an own description with a word in common. */
export function rowsLike(
  rows: readonly QueueRow[],
  row: QueueRow,
  how: 'fbn' | 'filter' | 'words',
  entries: ReadonlyMap<string, AnnotationEntry>,
): QueueRow[] {
  if (how === 'fbn') return rows.filter(({ fbn }) => fbn === row.fbn);
  if (how === 'filter') return rows.filter(({ layer, filter }) => layer === row.layer && filter === row.filter);
  const words = wordsOf(entries.get(row.key)?.mine);
  return rows.filter(({ key }) => {
    if (key === row.key) return true;
    return [...wordsOf(entries.get(key)?.mine)].some((word) => words.has(word));
  });
}

/** Words of an annotation's descriptions that say something. */
function wordsOf(annotation: Annotation | null | undefined): Set<string> {
  const text = annotation ? `${annotation.fbn} ${annotation.filter}`.toLowerCase() : '';
  return new Set(text.match(/\p{L}{3,}/gu)?.filter((word) => !empty.has(word)));
}
const empty = new Set(['the', 'and', 'with', 'from', 'for', 'not', 'are', 'this', 'that', 'other', 'some']);
