export interface Column<Row> {
  key: string;
  title: string;
  unit?: string;
  /** Said of the title when the pointer rests on it. */
  hint?: string;
  /** px; omitted = takes what is left. */
  width?: number;
  align?: 'left' | 'right';
  value: (row: Row) => string | number | null;
  format?: (value: string | number | null) => string;
  /** What is shown, where that takes more of the row than its value. */
  text?: (row: Row) => string;
  /** The whole text where the cell may be too narrow for it. */
  full?: (row: Row) => string;
  side?: 'brain' | 'network';
}

export interface Sort {
  key: string;
  descending: boolean;
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const isNothing = (value: string | number | null) => value === null || Number.isNaN(value);

/** What a column without a width has at least. */
const NARROWEST = 80;

/** Width in px that rows have at least; below it the table is scrolled. Longer texts are cut, so that columns stay in line. */
export function narrowestTable<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, { width = NARROWEST }) => sum + width, 0);
}

/** Columns as a grid's template; where every column has a width, the room left over stays empty at the right. */
export function columnTemplate<Row>(columns: readonly Column<Row>[]): string {
  const sizes = columns.map(({ width }) => (width ? `${width}px` : `minmax(${NARROWEST}px, 1fr)`));
  return columns.every(({ width }) => width) ? `${sizes.join(' ')} minmax(0, 1fr)` : sizes.join(' ');
}

/** The rows in the order asked: stable, nulls and NaN last in both directions. Rows that are in order are given back as they are. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort?: Sort): readonly Row[] {
  const column = columns.find(({ key }) => key === sort?.key);
  if (!column || !sort) return rows;
  const direction = sort.descending ? -1 : 1;
  const values = rows.map((row) => column.value(row));
  const compare = (a: string | number | null, b: string | number | null) => {
    if (isNothing(a) || isNothing(b)) return Number(isNothing(a)) - Number(isNothing(b));
    if (typeof a === 'number' && typeof b === 'number') return direction * (a - b);
    return direction * names.compare(String(a), String(b));
  };
  if (values.every((value, place) => place === 0 || compare(values[place - 1]!, value) <= 0)) return rows;
  const order = values.map((_, place) => place);
  order.sort((a, b) => compare(values[a]!, values[b]!));
  return order.map((place) => rows[place]!);
}

/** What a cell shows. */
export function cellText<Row>(column: Column<Row>, row: Row): string {
  if (column.text) return column.text(row);
  const value = column.value(row);
  if (column.format) return column.format(value);
  return value === null ? '–' : String(value);
}

/** One row as tab-separated text. */
export function rowAsTsv<Row>(columns: readonly Column<Row>[], row: Row): string {
  return columns.map((column) => String(column.value(row) ?? '').replace(/[\t\r\n]+/g, ' ')).join('\t');
}

/** Where a key moves to among `count` rows; undefined when the key does not move. `page` rows fit on screen. */
export function moveTarget(key: string, from: number, count: number, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowUp: from - 1,
    ArrowDown: from + 1,
    Home: 0,
    End: count - 1,
    PageUp: from - page,
    PageDown: from + page,
  };
  const target = steps[key];
  return target === undefined ? undefined : Math.max(0, Math.min(count - 1, target));
}

/** The marked rows after one more mark: a single row is turned round, a range (from another row to this one) is added whole. */
export function markRange<Key>(marked: ReadonlySet<Key>, keys: readonly Key[], from: number, to: number): Set<Key> {
  const result = new Set(marked);
  if (from === to || from < 0) {
    const key = keys[to]!;
    if (!result.delete(key)) result.add(key);
    return result;
  }
  for (const key of keys.slice(Math.min(from, to), Math.max(from, to) + 1)) result.add(key);
  return result;
}
