import { stringify } from 'csv-stringify/sync';
import { parse } from 'csv-parse/sync';
import { hideFormula, showFormula } from '../../src-preload/shared/domain/spreadsheet-text';
import { rowColumns, type AnnotationRow } from './rows';

/** Names in one cell, separated by "; ", in which a semicolon or a backslash of a name has a backslash in front. */
export function joinNames(names: readonly string[]): string {
  return names.map((name) => name.replace(/[\\;]/g, '\\$&')).join('; ');
}

export function splitNames(cell: string): string[] {
  const names = cell.match(/(?:\\.|[^;\\])+/gs) ?? [];
  return names.map((name) => name.replace(/\\(.)/gs, '$1').trim()).filter((name) => name !== '');
}

type Cell = string | number | boolean | string[] | null;

function cellText(value: Cell, nothing: string): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return nothing;
  if (Array.isArray(value)) return hideFormula(joinNames(value));
  return typeof value === 'string' ? hideFormula(value) : String(value);
}

/** RFC 4180, with column names as header and CRLF; opens in a spreadsheet without running anything. */
export function rowsAsCsv(rows: readonly AnnotationRow[]): string {
  const lines = rows.map((row) => rowColumns.map((column) => cellText(row[column], '')));
  return stringify([rowColumns, ...lines], { record_delimiter: 'windows', quoted_match: /[\r\n]/ });
}

/** Tab-separated as in BIDS: `n/a` for nothing; line breaks and tabs in text become spaces. Not made to be read back. */
export function rowsAsTsv(rows: readonly AnnotationRow[]): string {
  const cell = (value: Cell) => {
    const text = typeof value === 'string' ? value.replace(/\s*[\t\r\n]+\s*/g, ' ').trim() : value;
    return cellText(text === '' ? null : text, 'n/a');
  };
  return [rowColumns.join('\t'), ...rows.map((row) => rowColumns.map((column) => cell(row[column])).join('\t')), ''].join('\n');
}

/** One line of a table as it was read: text by column name, with where it stood. */
export interface TableLine {
  line: number;
  cells: Partial<Record<keyof AnnotationRow, string>>;
}

/**
 * Reads a CSV or TSV table, as a spreadsheet may have saved it: with a byte order mark, with semicolons or tabs for commas, with
 * other columns, in any order.
 * @throws Error where it is no table
 */
export function readTable(content: string): { columns: string[]; lines: TableLine[] } {
  const [first = ''] = content.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  const delimiter = [',', ';', '\t'].reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a));
  const records = parse(content, {
    ...{ bom: true, delimiter, skip_empty_lines: true, relax_column_count: false, info: true },
    // Tab-separated text has no quotes.
    ...(delimiter === '\t' && { quote: null }),
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const [header, ...rest] = records;
  const columns = header?.record.map((name) => name.trim()) ?? [];
  const lines = rest.map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries(columns.map((column, i) => [column, showFormula(record[i] ?? '')])),
  }));
  return { columns, lines };
}
