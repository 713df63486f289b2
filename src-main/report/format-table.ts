import { stringify } from 'csv-stringify/sync';
import { markdownTable } from 'markdown-table';
import type { ReadableTable } from '../../src-preload/shared/contract/report';
import { UserError } from '../../src-preload/shared/domain/errors';
import { hideFormula } from '../../src-preload/shared/domain/spreadsheet-text';
import type { Table, TableColumn, TableValue } from './table';

export const tableFormats = ['csv', 'tsv', 'json', 'md', 'tex'] as const;
export type TableFormat = (typeof tableFormats)[number];

/**
 * A table as text, ending in a line break.
 * - `csv`: RFC 4180 with column names as header. Text that a spreadsheet would take for a formula (starting with = + - @,
 *   tab or return) gets an apostrophe in front; numbers are never changed.
 * - `tsv`: the same with tabs and without quotes; tabs and line breaks in text become spaces; nothing is `n/a`, as in BIDS.
 * - `json`: `{table, title, caption, rows}`, numbers in full.
 * - `md`: title, an aligned table, caption. `tex`: a table environment for the package booktabs.
 * @throws UserError where the format is none of these
 */
export function formatTable(table: Table, format: TableFormat): string {
  const formatter = Object.hasOwn(formatters, format) ? formatters[format] : undefined;
  if (formatter) return formatter(table);
  throw new UserError({
    code: 'format-unknown',
    what: 'there is no such format',
    expected: tableFormats.join(', '),
    found: String(format),
  });
}

const formatters: Record<TableFormat, (table: Table) => string> = {
  csv: formatCsv,
  tsv: formatTsv,
  json: ({ table, title, caption, rows }) => `${JSON.stringify({ table, title, caption, rows }, null, 2)}\n`,
  md: formatMarkdown,
  tex: formatLatex,
};

function formatCsv({ columns, rows }: Table): string {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return stringify([...rows], {
    header: true,
    columns: columns.map(({ name }) => name),
    record_delimiter: 'windows',
    // A lone line feed ends a record for most readers, though it is not the whole delimiter.
    quoted_match: /[\r\n]/,
    escape_formulas: true,
    cast: {
      number: (value, { column }) => formatNumber(value, byName.get(String(column))),
      boolean: String,
    },
  });
}

function formatTsv({ columns, rows }: Table): string {
  const cell = (value: TableValue, column: TableColumn) => {
    if (typeof value !== 'string') return value === null ? 'n/a' : formatValue(value, column);
    return hideFormula(value.replace(/[\t\r\n]+/g, ' '));
  };
  const lines = rows.map((row) => columns.map((column) => cell(row[column.name] ?? null, column)).join('\t'));
  return [columns.map(({ name }) => name).join('\t'), ...lines, ''].join('\n');
}

function formatMarkdown(table: Table): string {
  const text = markdownTable(toReadable(table, { escape: escapeMarkdown, star: '\\*', nothing: '–' }), {
    align: readableColumns(table).map((column) => (isNumeric(column, table) ? 'right' : 'left')),
  });
  return `**${escapeMarkdown(headingOf(table))}**\n\n${text}\n\n${escapeMarkdown(table.caption)}\n`;
}

function formatLatex(table: Table): string {
  const [header, ...lines] = toReadable(table, { escape: escapeLatex, star: '*', nothing: '--' });
  const alignment = readableColumns(table)
    .map((column) => (isNumeric(column, table) ? 'r' : 'l'))
    .join('');
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  return [
    '% \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    // Type and gaps that many columns fit a page with.
    ...(alignment.length > MOST_WIDE_COLUMNS ? ['  \\footnotesize', '  \\setlength{\\tabcolsep}{3pt}'] : []),
    `  \\caption{${escapeLatex(`${table.title}. ${table.caption}`)}}`,
    `  \\label{tab:syncact-${table.table}}`,
    `  \\begin{tabular}{${alignment}}`,
    '    \\toprule',
    line(header ?? []),
    '    \\midrule',
    ...lines.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

/** A table as people read it, before any format: text in every cell, a star at marked values. */
export function readableTable(table: Table): ReadableTable {
  const [header, ...rows] = toReadable(table, { escape: (text) => text, star: '*', nothing: '–' });
  return {
    ...{ title: headingOf(table), caption: table.caption, notes: table.notes ?? [], header: header!, rows },
    numeric: readableColumns(table).map((column) => isNumeric(column, table)),
  };
}

function headingOf({ table, title }: Table): string {
  return typeof table === 'number' ? `Table ${table}. ${title}` : title;
}

/** How a format for people writes text, the star of marked values, and nothing. */
interface ReadableStyle {
  escape: (text: string) => string;
  star: string;
  nothing: string;
}

/** Header and rows with labels, units and stars. */
function toReadable(table: Table, { escape, star, nothing }: ReadableStyle): string[][] {
  const columns = readableColumns(table);
  const markers = new Map(table.columns.flatMap(({ name, marks }) => (marks === undefined ? [] : [[marks, name]])));
  const header = columns.map(({ label, unit }) => escape(unit === undefined ? label : `${label} (${unit})`));
  const lines = table.rows.map((row) =>
    columns.map((column) => {
      const value = row[column.name] ?? null;
      if (value === null) return nothing;
      const marker = markers.get(column.name);
      return escape(formatReadable(value, column)) + (marker !== undefined && row[marker] === true ? star : '');
    }),
  );
  return [header, ...lines];
}

function readableColumns({ columns }: Table): TableColumn[] {
  return columns.filter(({ marks }) => marks === undefined);
}

function isNumeric({ name, decimals }: TableColumn, { rows }: Table): boolean {
  const values = rows.map((row) => row[name] ?? null).filter((value) => value !== null);
  return decimals !== undefined || (values.length > 0 && values.every((value) => typeof value === 'number'));
}

function formatValue(value: NonNullable<TableValue>, column: TableColumn): string {
  return typeof value === 'number' ? formatNumber(value, column) : String(value);
}

function formatReadable(value: NonNullable<TableValue>, column: TableColumn): string {
  if (!column.isP || typeof value !== 'number') return formatValue(value, column);
  return value < 0.001 ? '< 0.001' : value.toFixed(3);
}

function formatNumber(value: number, column: TableColumn | undefined): string {
  if (column?.isP) return String(Number(value.toPrecision(4)));
  return column?.decimals === undefined ? String(value) : value.toFixed(column.decimals);
}

/** Pipes would end a cell; the others would start emphasis, code, links or HTML. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[\\`*|[\]]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;');
}

/** Columns of a table in LaTeX beyond which it is set in smaller type. */
const MOST_WIDE_COLUMNS = 8;

const latexCharacters: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '−': '$-$',
  '×': '$\\times$',
  '→': '$\\rightarrow$',
};

function escapeLatex(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/[&%$#_{}\\~^<>|−×→]/g, (character) => latexCharacters[character] ?? `\\${character}`);
}
