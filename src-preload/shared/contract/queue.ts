import { pairMatcher } from '../domain/pair-search';
import type { AnnotationEntry, FbnAndFilterMeanings } from './annotation-views';
import type { QueueFilter } from './annotations';

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

/** Where a layer is, and in how many movie runs it is coupled. */
export interface QueueLayer {
  model: string;
  layer: string;
  movieRuns: number;
}

const COLUMNS = 7;

export function keyOf({ layer, fbn, filter }: { layer: number; fbn: number; filter: number }): string {
  return `${layer} ${fbn} ${filter}`;
}

/** @param table [pairs, 7], as the queue resource gives it */
export function queueRows(table: Float64Array): QueueRow[] {
  const rows = new Array<QueueRow>(table.length / COLUMNS);
  for (let row = 0, at = 0; row < rows.length; row++, at += COLUMNS) {
    const place = { layer: table[at]!, fbn: table[at + 1]!, filter: table[at + 2]! };
    rows[row] = {
      ...{ key: keyOf(place), layer: place.layer, fbn: place.fbn, filter: place.filter },
      ...{ r: table[at + 3]!, p: table[at + 4]!, runs: table[at + 5]!, coupling: table[at + 6]! },
    };
  }
  return rows;
}

/** What a filter needs to know of the project. */
export interface QueueContext {
  layers: ReadonlyMap<number, QueueLayer>;
  entries: ReadonlyMap<string, AnnotationEntry>;
  /** Terms of FBNs and labels of filters; undefined where they are not known yet: a filter that asks for them finds nothing then. */
  meanings?: FbnAndFilterMeanings | undefined;
  /** Names of an annotation's tags. */
  tagNames: (ids: readonly string[]) => string[];
  /** The id that an id of a tag stands for. */
  tagId: (id: string) => string;
}

type Test = (row: QueueRow, entry: AnnotationEntry | undefined) => boolean;

/** Rows that a filter lets through, in the queue's order. */
export function filterQueue(rows: readonly QueueRow[], filter: QueueFilter, context: QueueContext): QueueRow[] {
  const { entries } = context;
  const tests = testsOf(filter, context);
  if (tests.length === 0) return [...rows];
  return rows.filter((row) => {
    const entry = entries.get(row.key);
    return tests.every((test) => test(row, entry));
  });
}

/** What a filter asks of a pair; the cheap questions first, and none that everything passes. */
function testsOf(filter: QueueFilter, context: QueueContext): Test[] {
  const { leastR, mostP, leastRuns, leastStability = 0, show, relation, tag, text, term = '', label = '' } = filter;
  const { layers, meanings, tagId } = context;
  const tests: Test[] = [];
  const chosen = layersOf(filter, layers);
  if (chosen.size < layers.size) tests.push(({ layer }) => chosen.has(layer));
  if (leastR > -1) tests.push(({ r }) => r >= leastR);
  if (mostP < 1) tests.push(({ p }) => p <= mostP);
  if (leastRuns > 0) tests.push(({ runs }) => runs >= leastRuns);
  if (leastStability > 0) tests.push(({ runs, layer }) => stabilityOf(runs, layers.get(layer)) >= leastStability);
  if (show !== 'all') tests.push(statusTest(show));
  if (relation !== null) tests.push((_row, entry) => entry?.mine?.relation === relation);
  if (tag !== null) tests.push((_row, entry) => entry?.mine?.tags.some((id) => tagId(id) === tag) ?? false);
  if (term.trim() !== '') {
    const fits = wordTest(term);
    const fbns = new Set([...(meanings?.terms ?? []).entries()].flatMap(([fbn, terms]) => (terms.some(fits) ? fbn : [])));
    tests.push(({ fbn }) => fbns.has(fbn));
  }
  if (label.trim() !== '') {
    const fits = wordTest(label);
    const filters = new Map(
      meanings?.labels.map((one) => [
        one.layer,
        new Set(one.filters.filter(({ labels }) => labels.some(fits)).map((found) => found.filter)),
      ]),
    );
    tests.push((row) => filters.get(row.layer)?.has(row.filter) ?? false);
  }
  const said = textTest(text, context);
  if (said) tests.push(said);
  return tests;
}

function layersOf({ model, layer }: QueueFilter, layers: QueueContext['layers']): Set<number> {
  const isWanted = (one: QueueLayer) => (model ?? one.model) === one.model && (layer ?? one.layer) === one.layer;
  return new Set([...layers].filter(([, one]) => isWanted(one)).map(([id]) => id));
}

/** Share of the movie runs of its layer in which a pair is one, in [0, 1]. */
export function stabilityOf(runs: number, layer: QueueLayer | undefined): number {
  return layer && layer.movieRuns > 0 ? runs / layer.movieRuns : 0;
}

/** Whether a term or label holds all words that were asked for. */
function wordTest(asked: string): (text: string) => boolean {
  const words = asked.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => words.every((word) => text.toLowerCase().includes(word));
}

function statusTest(show: Exclude<QueueFilter['show'], 'all'>): Test {
  switch (show) {
    case 'flagged':
      return (_row, entry) => entry?.mine?.flagged ?? false;
    case 'disagreements':
      return (_row, entry) => entry?.isDisagreement ?? false;
    case 'changed':
      return (_row, entry) => entry?.isChanged ?? false;
    case 'carried':
      return (_row, entry) => (entry?.carried ?? null) !== null;
    default:
      return (_row, entry) => (entry?.mine?.status ?? 'unseen') === show;
  }
}

const structured = /(?:fbn|filter)\s*\d+|[rp]\s*[<>]\s*-?[\d.]+/gi;

/** What was written about a pair, in small letters; an entry never changes, another one takes its place. */
const written = new WeakMap<AnnotationEntry, string>();

function writtenIn(entry: AnnotationEntry): string {
  let text = written.get(entry);
  if (text === undefined) {
    const { mine } = entry;
    text = mine ? `${mine.fbn}\n${mine.filter}\n${mine.note}`.toLowerCase() : '';
    written.set(entry, text);
  }
  return text;
}

/** Words that must all be found in names, descriptions, notes or tags; "fbn 25", "filter 107", "r > 0.3" ask for that. */
function textTest(text: string, { layers, tagNames }: QueueContext): Test | undefined {
  const asked = text.match(structured)?.join(' ') ?? '';
  const matches = asked === '' ? undefined : pairMatcher(asked);
  const words = text.replace(structured, ' ').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return matches;
  // What the name of a layer says is settled once, and not for each of its filters.
  const openWords = new Map(
    [...layers].map(([id, { model, layer }]) => {
      const name = `${model} ${layer}`.toLowerCase();
      return [id, words.filter((word) => !name.includes(word))];
    }),
  );
  return (row, entry) => {
    if (matches && !matches(row)) return false;
    const text = entry ? writtenIn(entry) : '';
    const tags = entry?.mine && entry.mine.tags.length > 0 ? tagNames(entry.mine.tags).join('\n').toLowerCase() : '';
    return (openWords.get(row.layer) ?? words).every(
      (word) => text.includes(word) || tags.includes(word) || (/\d/.test(word) && `${row.fbn} ${row.filter}`.includes(word)),
    );
  };
}

/** A filter in words. @param nameOfTag undefined where there is no such tag any more */
export function describeFilter(filter: QueueFilter, nameOfTag: (id: string) => string | undefined): string {
  const { show, model, layer, leastR, mostP, leastRuns, leastStability = 0, relation, tag, text, term, label } = filter;
  const parts = [
    ...[show, model, layer, leastR > -1 && `r ≥ ${leastR}`, mostP < 1 && `p ≤ ${mostP}`],
    leastRuns > 0 && `a pair in ${leastRuns} or more movie runs`,
    leastStability > 0 && `a pair in ${Math.round(100 * leastStability)} % or more of the movie runs`,
    ...[term && `term “${term}”`, label && `label “${label}”`, relation, tag && nameOfTag(tag), text && `“${text}”`],
  ];
  return parts.filter(Boolean).join(' · ');
}
