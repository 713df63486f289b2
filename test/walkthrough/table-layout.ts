import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectures } from '../../src-main/cnn/architectures';

type Row = Record<string, string | number | boolean | null>;

/** A published cell, read here from the file and not through the program. */
interface Published {
  pcc: number;
  someNotSignificant?: boolean;
  notSignificant?: number;
}

type Rows = Record<string, unknown>;
const paper = JSON.parse(readFileSync(join(import.meta.dirname, '../../resources/paper-tables.json'), 'utf8')) as Record<
  string,
  { columns?: string[]; rows: Rows }
>;

/**
 * Holds a table of a project against the paper's own: every model trained on ImageNet (Table 3: every block; Table 4: every variant) has
 * its row, every movie run a finite figure with the published one beside it, stars or counts where the paper puts them, and a standard
 * error over the runs.
 * @returns what is missing or differs, in words
 */
export function checkTable(number: number, { rows }: { rows: Row[] }, movieRuns: number): string[] {
  if (number === 4) return checkMetrics(rows);
  const problems: string[] = [];
  const check = (holds: boolean, what: string) => holds || problems.push(`Table ${number}: ${what}`);
  for (const [model, published] of Object.entries(paper[`table${number}`]!.rows)) {
    const own = rows.filter((row) => titleOf(row) === model && row.trainedOn === 'ImageNet');
    for (const [layer, cells] of publishedRows(number, published)) {
      const row = own.find((one) => layer === null || one.layer === layer);
      const name = [model, layer].filter(Boolean).join(', ');
      check(row !== undefined, `no row for ${name}`);
      if (!row) continue;
      for (let run = 1; run <= movieRuns; run++) {
        const cell = cells[run - 1]!;
        check(Number.isFinite(row[`run${run}`]), `${name} has no mean r in run ${run}`);
        check(row[`run${run}Published`] === cell.pcc, `${name}, run ${run}: the paper's ${cell.pcc} is not beside it`);
        const [mark, wanted] =
          number === 3 ? ['NotSignificant', cell.notSignificant] : ['SomeNotSignificant', cell.someNotSignificant];
        check(row[`run${run}Published${mark}`] === wanted, `${name}, run ${run}: the paper has ${mark} ${String(wanted)}`);
        check(row[`run${run}${mark}`] !== null, `${name}, run ${run}: nothing is said of significance`);
      }
      check(Number.isFinite(row.standardError), `${name} has no standard error`);
    }
  }
  return problems;
}

/** Layer (Table 3; null elsewhere) and its runs. */
function publishedRows(number: number, published: unknown): [string | null, Published[]][] {
  if (number === 2) return [[null, published as Published[]]];
  if (number === 3) return Object.entries(published as Record<string, Published[]>);
  const { ImageNet } = published as Record<string, Published[] | undefined>;
  return ImageNet ? [[null, ImageNet]] : [];
}

function titleOf({ model }: Row): string | undefined {
  return architectures.find(({ name }) => name === model)?.title;
}

function checkMetrics(rows: Row[]): string[] {
  const { columns, rows: variants } = paper.table4!;
  return Object.entries(variants as Record<string, number[]>).flatMap(([variant, published]) => {
    const row = rows.find(
      (one) => String(one.variant).split(',')[0] === variant && titleOf(one) === 'ResNet-18' && one.movieRun === 'all runs',
    );
    if (!row) return [`Table 4: no row for ${variant}`];
    return columns!.flatMap((metric, i) =>
      Number.isFinite(row[metric]) && row[`${metric}Published`] === published[i] ? [] : [`Table 4: ${variant}, ${metric}`],
    );
  });
}
