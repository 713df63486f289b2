import { UserError } from '../../src-preload/shared/domain/errors';
import { correctedColumns, correctedValues, describeCorrection, overRuns, overRunsColumns } from './corrected-columns';
import {
  describePublished,
  PAPER_SOURCE,
  paperOrder,
  publishedRuns,
  type CouplingTableNumber,
  type PublishedCell,
} from './paper-tables';
import type { CouplingCell, Table, TableColumn, TableValue } from './table';

export interface BuildTableOptions {
  /**
   * Only couplings with this many FBNs. By default the paper's number where the project holds it (tables 5–7: always),
   * else the one number that it holds.
   */
  fbns?: number | undefined;
  /** Number and variant of the embedding, for the caption. */
  embedding?: string | undefined;
}

/** What a table of mean r is about. */
interface TableSubject {
  direction: CouplingCell['direction'];
  layers: 'last' | 'blocks';
}

const subjects: Record<CouplingTableNumber, TableSubject> = {
  1: { direction: 'fbn-to-filter', layers: 'last' },
  2: { direction: 'fbn-to-filter', layers: 'last' },
  3: { direction: 'fbn-to-filter', layers: 'blocks' },
  5: { direction: 'fbn-to-filter', layers: 'last' },
  6: { direction: 'fbn-to-filter', layers: 'last' },
  7: { direction: 'fbn-to-filter', layers: 'last' },
  8: { direction: 'filter-to-fbn', layers: 'last' },
};

/** Tables of the paper that differ from Table 1 by their number of FBNs only. */
const needsPaperFbns = new Set<CouplingTableNumber>([5, 6, 7]);

/**
 * A table of the paper for whatever models, layers and runs the project holds, with the published value beside each
 * measured one where the paper has one: the same architecture, training set, layer (Table 3) and number of the run.
 * @throws UserError where the project holds nothing for the table, or too much to choose from
 * @see Sync-ACT, tables 1–3 and 5–8
 */
export function buildTable(number: number, cells: readonly CouplingCell[], options: BuildTableOptions = {}): Table {
  if (!isCouplingTable(number)) throw notBuilt(number);
  const chosen = chooseFbns(number, chooseSubject(number, cells), options);
  const runs = [...new Set(chosen.map(({ runNumber }) => runNumber))].sort((a, b) => a - b);
  const groups = groupByLayer(chosen);
  const byBlocks = subjects[number].layers === 'blocks';
  return {
    table: number,
    title: describeTitle(number),
    caption: describeCaption(number, chosen, options),
    columns: [
      ...layerColumns,
      ...runs.flatMap((run) => [
        ...runColumns(run, describeRun(run, chosen), byBlocks),
        ...(chosen.some((cell) => cell.runNumber === run && cell.correction) ? correctedColumns(run) : []),
      ]),
      ...(runs.length > 1 ? overRunsColumns(chosen.some((cell) => cell.correction)) : []),
    ],
    rows: groups.map((group) => ({ ...buildRow(number, group, groups, runs, byBlocks), ...overRuns(group.runs, runs) })),
  };
}

function isCouplingTable(number: number): number is CouplingTableNumber {
  return number in subjects;
}

function notBuilt(number: number): UserError {
  return new UserError({
    code: 'not-found',
    what: 'there is no such table',
    expected: '1, 2, 3, 5, 6, 7 or 8',
    found: String(number),
  });
}

function chooseSubject(number: CouplingTableNumber, cells: readonly CouplingCell[]): CouplingCell[] {
  const { direction, layers } = subjects[number];
  const chosen = cells.filter(
    (cell) => cell.direction === direction && (layers === 'last' ? cell.isLastConvolution : cell.blockIndex !== null),
  );
  if (chosen.length > 0) return chosen;
  const place = layers === 'last' ? 'the last convolution' : 'the blocks';
  throw new UserError({
    code: 'earlier-step-missing',
    what: `there is nothing to put into Table ${number}`,
    expected: `couplings ${direction} at ${place} of at least one model`,
    found: `${cells.length} other couplings`,
    remedy: `run "syncact extract --layers ${layers}", then "syncact couple --direction ${direction}"`,
  });
}

function chooseFbns(number: CouplingTableNumber, cells: CouplingCell[], { fbns }: BuildTableOptions): CouplingCell[] {
  const held = [...new Set(cells.map((cell) => cell.fbns))].sort((a, b) => a - b);
  const published = describePublished(number).fbns;
  const wanted =
    fbns ?? (needsPaperFbns.has(number) || held.includes(published) ? published : held.length === 1 ? held[0] : undefined);
  const chosen = cells.filter((cell) => cell.fbns === wanted);
  if (chosen.length > 0) return chosen;
  throw new UserError({
    code: 'earlier-step-missing',
    what: `there is nothing to put into Table ${number}`,
    expected: wanted === undefined ? 'couplings with one number of FBNs' : `couplings with ${wanted} FBNs`,
    found: `${held.join(', ')} FBNs`,
    remedy:
      wanted === undefined
        ? 'choose one embedding, with --embedding'
        : `run "syncact train --fbns ${wanted}", then "syncact couple"`,
  });
}

/** All runs of one layer of one model. */
interface LayerGroup {
  first: CouplingCell;
  runs: Map<number, CouplingCell>;
}

function groupByLayer(cells: readonly CouplingCell[]): LayerGroup[] {
  const groups = new Map<string, LayerGroup>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.model, cell.layer]);
    const group = groups.get(key) ?? { first: cell, runs: new Map<number, CouplingCell>() };
    groups.set(key, group);
    if (group.runs.has(cell.runNumber)) {
      throw new UserError({
        code: 'duplicate',
        what: 'there are two couplings for one place of the table',
        found: `${cell.model}, ${cell.layer}, run ${cell.runNumber}`,
        remedy: 'choose one embedding',
      });
    }
    group.runs.set(cell.runNumber, cell);
  }
  return [...groups.values()].sort(({ first: a }, { first: b }) => {
    const places = [paperOrder(a.architecture), paperOrder(b.architecture)] as const;
    if (places[0] !== places[1]) return places[0] < places[1] ? -1 : 1;
    if (a.model !== b.model) return a.model < b.model ? -1 : 1;
    return (a.blockIndex ?? 0) - (b.blockIndex ?? 0);
  });
}

const layerColumns: TableColumn[] = [
  { name: 'model', label: 'Model' },
  { name: 'trainedOn', label: 'Trained on' },
  { name: 'layer', label: 'Layer' },
  { name: 'fbns', label: 'FBNs' },
  { name: 'filters', label: 'Filters' },
];

function describeRun(run: number, cells: readonly CouplingCell[]): string {
  const names = new Set(cells.filter(({ runNumber }) => runNumber === run).map(({ movieRun }) => movieRun));
  return `Run ${run} (${[...names].join(', ')})`;
}

function runColumns(run: number, label: string, byBlocks: boolean): TableColumn[] {
  const name = `run${run}`;
  const measured: TableColumn = { name, label: `${label}: mean r`, decimals: 4 };
  const pairs: TableColumn = { name: `${name}Pairs`, label: 'pairs' };
  const published: TableColumn = { name: `${name}Published`, label: 'published', decimals: 4 };
  if (byBlocks) {
    const counted: TableColumn = { name: `${name}NotSignificant`, label: 'not significant' };
    return [measured, counted, pairs, published, { name: `${name}PublishedNotSignificant`, label: 'published not significant' }];
  }
  const some = (marks: string): TableColumn => ({
    name: `${marks}SomeNotSignificant`,
    label: 'some pairs not significant',
    marks,
  });
  return [measured, some(name), pairs, published, some(`${name}Published`)];
}

function buildRow(
  number: CouplingTableNumber,
  { first, runs: cells }: LayerGroup,
  groups: readonly LayerGroup[],
  runs: readonly number[],
  byBlocks: boolean,
): Record<string, TableValue> {
  const blocks = groups.filter((group) => group.first.model === first.model);
  const published = publishedRuns(number, {
    ...first,
    blockPlace: blocks.findIndex((group) => group.first.layer === first.layer),
    blockCount: blocks.length,
  });
  const row: Record<string, TableValue> = {
    model: first.model,
    trainedOn: first.trainedOn,
    layer: byBlocks ? first.layerLabel : first.layer,
    fbns: first.fbns,
    filters: first.filters,
  };
  for (const run of runs) Object.assign(row, buildRunValues(`run${run}`, cells.get(run), published?.[run - 1], byBlocks));
  return row;
}

function buildRunValues(
  name: string,
  cell: CouplingCell | undefined,
  published: PublishedCell | undefined,
  byBlocks: boolean,
): Record<string, TableValue> {
  const values = {
    [name]: cell && Number.isFinite(cell.meanR) ? cell.meanR : null,
    [`${name}Pairs`]: cell?.pairs ?? null,
    [`${name}Published`]: published?.pcc ?? null,
    ...correctedValues(name, cell?.correction),
  };
  return byBlocks
    ? {
        ...values,
        [`${name}NotSignificant`]: cell?.notSignificant ?? null,
        [`${name}PublishedNotSignificant`]: published?.notSignificant ?? null,
      }
    : {
        ...values,
        [`${name}SomeNotSignificant`]: cell ? cell.notSignificant > 0 : null,
        [`${name}PublishedSomeNotSignificant`]: published?.someNotSignificant ?? null,
      };
}

function describeTitle(number: CouplingTableNumber): string {
  const { direction, layers } = subjects[number];
  const sought = direction === 'fbn-to-filter' ? 'the best filter of every FBN' : 'the best FBN of every filter';
  return `Mean Pearson r of ${sought} ${layers === 'last' ? 'in the last convolutional layer' : 'by block'}`;
}

function describeCaption(number: CouplingTableNumber, cells: readonly CouplingCell[], { embedding }: BuildTableOptions): string {
  const { dataset, fbns } = describePublished(number);
  const { direction, layers } = subjects[number];
  const equation = direction === 'fbn-to-filter' ? 'Eq. 2, FBN to filter' : 'Eq. 1, filter to FBN';
  const undefinedPairs = cells.some((cell) => cell.undefinedPairs > 0);
  return [
    `Mean r over the pairs (${equation}) of each movie run.`,
    ...(embedding === undefined ? [] : [`Embedding ${embedding}.`]),
    layers === 'last'
      ? 'A star marks runs in which some pairs are not significant (p > 0.05, t-test of r with N - 2 degrees of freedom).'
      : 'Not significant: pairs with p > 0.05 (t-test of r with N - 2 degrees of freedom).',
    ...(undefinedPairs ? ['Constant series have no r and make no pair.'] : []),
    ...describeCorrection(cells),
    ...(new Set(cells.map(({ runNumber }) => runNumber)).size > 1 ? ['SE: standard error over the movie runs.'] : []),
    `Published: ${PAPER_SOURCE}, Table ${number} (${dataset}, ${fbns} FBNs).`,
  ].join(' ');
}
