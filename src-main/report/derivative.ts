import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { hideFormula } from '../../src-preload/shared/domain/spreadsheet-text';
import type { Table } from './table';

/*
 * Parts of a BIDS derivative: https://bids-specification.readthedocs.io (1.10.0; dataset_description.json, tabular files with JSON
 * sidecars, compressed tables without a header whose columns the sidecar names).
 */
const BIDS_VERSION = '1.10.0';

/** dataset_description.json of what this program makes of a project. @param about.sources folders, where they are to be named */
export function datasetDescription(about: {
  name: string;
  program: string;
  description: string;
  sources?: readonly string[];
}): string {
  return asJson({
    Name: about.name,
    BIDSVersion: BIDS_VERSION,
    DatasetType: 'derivative',
    GeneratedBy: [
      {
        Name: 'Sync-ACT Workstation',
        Version: about.program,
        Description: about.description,
      },
    ],
    ...(about.sources && { SourceDatasets: about.sources.map((path) => ({ URL: `file://${encodeURI(path)}` })) }),
  });
}

export function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Series as a compressed table without a header: a line per time point, a column per series.
 * @param series [series, time]; NaN becomes `n/a`; nine digits give every float32 back
 */
export async function seriesAsTsvGz({ rows, columns, data }: Matrix): Promise<Uint8Array> {
  const lines: string[] = [];
  for (let t = 0; t < columns; t++) {
    const cells = new Array<string>(rows);
    for (let s = 0; s < rows; s++) {
      const value = data[s * columns + t]!;
      cells[s] = Number.isNaN(value) ? 'n/a' : String(Number(value.toPrecision(9)));
    }
    lines.push(cells.join('\t'));
  }
  return promisify(gzip)(`${lines.join('\n')}\n`);
}

/** The sidecar of seriesAsTsvGz. */
export function seriesSidecar(
  about: { description: string; trSeconds: number | null; prefix: string; count: number } & { more?: Record<string, unknown> },
): string {
  const { description, trSeconds, prefix, count, more = {} } = about;
  return asJson({
    Description: description,
    ...(trSeconds !== null && { SamplingFrequency: 1 / trSeconds }),
    StartTime: 0,
    Columns: Array.from({ length: count }, (_, i) => `${prefix}_${i}`),
    ...more,
  });
}

/** A table as BIDS wants it, snake_case names and `n/a` for nothing, text that a spreadsheet would run disarmed, with the sidecar that describes its columns. */
export function tableAsTsv({ columns, rows, caption }: Pick<Table, 'columns' | 'rows' | 'caption'>): {
  tsv: string;
  json: string;
} {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const cell = (value: unknown) => {
    if (value === null || value === undefined || value === '' || Number.isNaN(value)) return 'n/a';
    return typeof value === 'string' ? hideFormula(value.replace(/\s*[\t\r\n]+\s*/g, ' ')) : String(value as number | boolean);
  };
  const lines = rows.map((row) => columns.map(({ name }) => cell(row[name])).join('\t'));
  const described = columns.map(({ name, label, unit }) => [
    snake(name),
    { Description: label, ...(unit !== undefined && { Units: unit }) },
  ]);
  return {
    tsv: [columns.map(({ name }) => snake(name)).join('\t'), ...lines, ''].join('\n'),
    json: asJson({ Description: caption, ...Object.fromEntries(described) }),
  };
}
