import type { AnnotationEntry, FbnAndFilterMeanings } from '../../../src-preload/shared/contract/annotation-views';
import { everything, type QueueFilter } from '../../../src-preload/shared/contract/annotations';
import { filterQueue, keyOf, queueRows, type QueueLayer, type QueueRow } from '../../../src-preload/shared/contract/queue';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { rowsOf, type AnnotationRow } from '../../annotation/rows';
import type { Project } from '../../project/project';
import { listCouplings, type Direction } from '../../project/queries/couplings';
import { listEmbeddings } from '../../project/queries/embeddings';
import { distinctPairColumns, listDistinctPairs } from '../../project/queries/pair-places';
import { annotationLog } from './log';
import { viewMeanings } from './meanings';
import { PairPlaces } from './pairs';
import { savedFilters, viewState } from './views';

/** Every pair of an embedding once: [pairs, 7], as `resourcePaths.queue` says. */
export function queueTable({ database }: Project, embedding: number, direction: Direction): Float64Array<ArrayBuffer> {
  const rows = listDistinctPairs(database, embedding, direction);
  const table = new Float64Array(rows.length * distinctPairColumns);
  rows.forEach((row, i) => table.set(row, i * distinctPairColumns));
  return table;
}

/** What stands, as rows of a table. @param filter only what it lets through; everything where it is left out */
export function listAnnotations(project: Project, author?: string, filter?: QueueFilter): AnnotationRow[] {
  const { state, vocabulary } = annotationLog(project);
  const rows = rowsOf(state, vocabulary, author);
  if (!filter) return rows;
  const find = new RowFilter(project, filter);
  const chosen = new Set<AnnotationRow>();
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.embedding_key, row.author, row.role]));
  for (const group of groups.values()) for (const row of find.choose(group)) chosen.add(row);
  return rows.filter((row) => chosen.has(row));
}

/**
 * A filter as the desk or a command line gives it.
 * @param saved name of one that was saved on the desk, which the rest narrows down
 * @param change tags by name
 * @throws UserError where there is no such saved filter
 */
export function namedFilter(project: Project, saved: string | undefined, change: Partial<QueueFilter>): QueueFilter | undefined {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<QueueFilter>;
  if (saved === undefined) return Object.keys(given).length === 0 ? undefined : { ...everything, ...given };
  const { state, vocabulary } = annotationLog(project);
  const known = savedFilters(state);
  const found = known.find(({ name }) => name === saved);
  if (!found) {
    throw new UserError({
      code: 'not-found',
      ...{ what: `there is no saved filter “${saved}”`, remedy: 'save one on the desk, or filter with the other options' },
      expected: known.length > 0 ? `one of ${known.map(({ name }) => name).join(', ')}` : 'one that was saved',
    });
  }
  const { tag } = found.filter;
  return { ...found.filter, tag: tag === null ? null : (vocabulary.resolve(tag)?.name ?? tag), ...given };
}

const fold = (name: string) => name.toLocaleLowerCase('en');

/** Applies the queue's filter to rows of a table: with what the project has of their pairs now, else with what was recorded of them. */
class RowFilter {
  private readonly places: PairPlaces;
  private readonly embeddings: Map<string, number>;

  constructor(
    private readonly project: Project,
    private readonly filter: QueueFilter,
  ) {
    this.places = new PairPlaces(project);
    this.embeddings = new Map(listEmbeddings(project.database).map(({ id, key }) => [key, id]));
  }

  /** @param rows of one person and one embedding */
  choose(rows: readonly AnnotationRow[]): AnnotationRow[] {
    const { author, embedding_key: key } = rows[0]!;
    const embedding = this.embeddings.get(key);
    const known = embedding === undefined ? undefined : this.queueOf(embedding);
    const marks = new Map<string, AnnotationEntry>();
    if (embedding !== undefined) {
      const { entries } = viewState(this.project, { author, blind: false, embedding });
      for (const entry of entries) marks.set(keyOf(entry), entry);
    }
    const layers = new Map<number, QueueLayer>(known?.layers);
    const entries = new Map<string, AnnotationEntry>();
    const byKey = new Map<string, AnnotationRow>();
    const queue = rows.map((row): QueueRow => {
      const layer = this.layerOf(row, layers);
      const place = { layer, fbn: row.fbn, filter: row.filter };
      const pair = keyOf(place);
      byKey.set(pair, row);
      entries.set(pair, entryOf(row, place, marks.get(pair)));
      const recorded = { r: row.r ?? NaN, p: row.p ?? NaN, runs: row.movie_runs.length, coupling: 0 };
      return known?.rows.get(pair) ?? { key: pair, ...place, ...recorded };
    });
    const { tag, ...rest } = this.filter;
    const context = { layers, entries, meanings: this.meaningsOf(embedding), tagNames: (names: readonly string[]) => [...names] };
    const found = filterQueue(queue, { ...rest, tag: tag === null ? null : fold(tag) }, { ...context, tagId: fold });
    return found.map((row) => byKey.get(row.key)!);
  }

  /** The layer's id; one of its own, below 0, where its model is not in the project, or has no pairs any more. */
  private layerOf(row: AnnotationRow, layers: Map<number, QueueLayer>): number {
    const id = this.places.layerOf({ model: row.model_hash, layer: row.layer });
    if (id !== undefined && layers.has(id)) return id;
    const found = [...layers].find(([, one]) => one.model === row.model && one.layer === row.layer)?.[0] ?? id;
    const own = found ?? -1 - layers.size;
    if (!layers.has(own)) layers.set(own, { model: row.model, layer: row.layer, movieRuns: row.movie_runs.length });
    return own;
  }

  /** Pairs of both directions; one that is a pair in both counts as in the direction in which it is in more runs. */
  private queueOf(embedding: number): { rows: Map<string, QueueRow>; layers: Map<number, QueueLayer> } {
    const rows = new Map<string, QueueRow>();
    for (const direction of ['fbn-to-filter', 'filter-to-fbn'] as const) {
      for (const row of queueRows(queueTable(this.project, embedding, direction)))
        if (row.runs > (rows.get(row.key)?.runs ?? 0)) rows.set(row.key, row);
    }
    const runs = new Map<number, { name: QueueLayer; runs: Set<string> }>();
    for (const { layerId, model, layer, movieRun } of listCouplings(this.project.database, embedding)) {
      const one = runs.get(layerId) ?? { name: { model, layer, movieRuns: 0 }, runs: new Set() };
      runs.set(layerId, one);
      one.runs.add(movieRun);
    }
    return { rows, layers: new Map([...runs].map(([id, one]) => [id, { ...one.name, movieRuns: one.runs.size }])) };
  }

  private meaningsOf(embedding: number | undefined): FbnAndFilterMeanings | undefined {
    const isAsked = Boolean(this.filter.term) || Boolean(this.filter.label);
    return embedding !== undefined && isAsked ? viewMeanings(this.project, embedding) : undefined;
  }
}

/** A row as an entry of the desk, with its tags by name. */
function entryOf(
  row: AnnotationRow,
  place: { layer: number; fbn: number; filter: number },
  mark?: AnnotationEntry,
): AnnotationEntry {
  const { status, flagged, relation, evidence, note, confidence } = row;
  return {
    ...place,
    mine: {
      ...{ status, flagged, relation, evidence, note, confidence, tags: row.tags.map(fold) },
      ...{ fbn: row.fbn_description, filter: row.filter_description },
    },
    ...{ at: row.decided_at, others: [], adjudicated: null },
    isDisagreement: mark?.isDisagreement ?? false,
    isChanged: (row.role === 'rater' && mark?.isChanged) || false,
    carried: row.carried_from === null ? null : { embedding: null, fbn: row.carried_fbn!, r: row.carried_map_r! },
  };
}
