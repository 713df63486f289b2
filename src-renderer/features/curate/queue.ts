import type { AnnotationEntry } from '../../../src-preload/shared/contract/annotation-views';
import type { Annotation } from '../../../src-preload/shared/contract/annotations';
import type { QueueRow } from '../../../src-preload/shared/contract/queue';

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
