import { describe, expect, test } from 'vitest';
import { formatTable, type TableFormat } from '../../../src-main/report/format-table';
import type { Table } from '../../../src-main/report/table';
import { UserError } from '../../../src-preload/shared/domain/errors';

const table: Table = {
  table: 1,
  title: 'Mean r & more',
  caption: 'Published: the paper (64 FBNs), p > 0.05.',
  columns: [
    { name: 'model', label: 'Model' },
    { name: 'run1', label: 'Run 1', decimals: 4 },
    { name: 'run1Some', label: 'some', marks: 'run1' },
    { name: 'pairs', label: 'pairs', unit: 'n' },
  ],
  rows: [
    { model: 'ResNet_18, "small"', run1: 0.123456789, run1Some: true, pairs: 64 },
    { model: '=cmd|calc', run1: -0.5, run1Some: false, pairs: null },
    { model: 'two\nlines\tand a tab', run1: null, run1Some: null, pairs: 0 },
  ],
};

test('CSV: RFC 4180, formulas disarmed, numbers untouched', () => {
  expect(formatTable(table, 'csv')).toBe(
    [
      'model,run1,run1Some,pairs',
      '"ResNet_18, ""small""",0.1235,true,64',
      "'=cmd|calc,-0.5000,false,",
      '"two\nlines\tand a tab",,,0',
      '',
    ].join('\r\n'),
  );
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1'])('CSV and TSV disarm the text %j', (text) => {
  const rows = [{ model: text, run1: -1, run1Some: null, pairs: null }];
  expect(formatTable({ ...table, rows }, 'csv').split('\r\n')[1]).toMatch(/^"?'/);
  expect(formatTable({ ...table, rows }, 'tsv').split('\n')[1]).toMatch(/^['\s][^\t]*\t-1\.0000/);
});

test('TSV: one line per row whatever the text', () => {
  expect(formatTable(table, 'tsv')).toBe(
    [
      'model\trun1\trun1Some\tpairs',
      'ResNet_18, "small"\t0.1235\ttrue\t64',
      "'=cmd|calc\t-0.5000\tfalse\tn/a",
      'two lines and a tab\tn/a\tn/a\t0',
      '',
    ].join('\n'),
  );
});

test('JSON: numbers in full', () => {
  expect(JSON.parse(formatTable(table, 'json'))).toEqual({
    table: 1,
    title: table.title,
    caption: table.caption,
    rows: table.rows,
  });
});

test('Markdown: aligned, pipes escaped, stars where marked', () => {
  const lines = formatTable({ ...table, rows: [...table.rows, { model: 'a|b*<i>' }] }, 'md').split('\n');
  expect(lines[0]).toBe('**Table 1. Mean r &amp; more**');
  const body = lines.filter((line) => line.startsWith('|'));
  expect(new Set(body.map((line) => line.length)).size).toBe(1);
  expect(body[0]).toMatch(/^\| Model +\| +Run 1 \| pairs \(n\) \|$/);
  expect(body[1]).toMatch(/^\| :-+ \| -+: \| -+: \|$/);
  expect(body[2]).toMatch(/0\.1235\\\* \|/);
  expect(body[3]).toMatch(/-0\.5000 \| +– \|$/);
  expect(body[4]).toMatch(/two lines/);
  expect(body[5]).toContain('a\\|b\\*&lt;i>');
});

describe('LaTeX', () => {
  test('booktabs, caption, numbers to the right', () => {
    const text = formatTable(table, 'tex');
    expect(text).toContain('\\begin{tabular}{lrr}');
    expect(text).toContain('\\caption{Mean r \\& more. Published: the paper (64 FBNs), p \\textgreater{} 0.05.}');
    expect(text).toContain('    ResNet\\_18, "small" & 0.1235* & 64 \\\\\n');
    expect(text).toContain('    =cmd\\textbar{}calc & -0.5000 & -- \\\\\n');
    for (const rule of ['toprule', 'midrule', 'bottomrule']) expect(text).toContain(`\\${rule}`);
  });

  test('nothing in a text can end the table or call a command', () => {
    const hostile = '\\input{/etc/passwd} }& % $x$ ^~ #1 × →\n\\\\';
    const text = formatTable({ ...table, rows: [{ model: hostile }] }, 'tex');
    expect(text).toContain(
      '\\textbackslash{}input\\{/etc/passwd\\} \\}\\& \\% \\$x\\$ \\textasciicircum{}\\textasciitilde{} \\#1 $\\times$ $\\rightarrow$ \\textbackslash{}\\textbackslash{} & -- & -- \\\\',
    );
  });
});

test('a table without rows is a header', () => {
  const empty = { ...table, rows: [] };
  expect(formatTable(empty, 'csv')).toBe('model,run1,run1Some,pairs\r\n');
  expect(formatTable(empty, 'tsv')).toBe('model\trun1\trun1Some\tpairs\n');
});

test.each(['xlsx', 'toString', ''])('the format %j is refused', (format) => {
  expect(() => formatTable(table, format as TableFormat)).toThrow(UserError);
  expect(() => formatTable(table, format as TableFormat)).toThrow(/csv, tsv, json, md, tex/);
});

test('p is never written as zero: "< 0.001" where people read, its digits elsewhere', () => {
  const small: Table = {
    ...table,
    columns: [{ name: 'p', label: 'p', decimals: 3, isP: true }],
    rows: [{ p: 1.23456e-7 }, { p: 0.0312 }],
  };
  expect(formatTable(small, 'csv')).toBe('p\r\n1.235e-7\r\n0.0312\r\n');
  expect(formatTable(small, 'md')).toMatch(/&lt; 0\.001 \|\n\|\s+0\.031 \|/);
  expect(formatTable(small, 'tex')).toMatch(/\\textless\{\} 0\.001/);
});
