import type { TableView } from '../../../src-preload/shared/contract/views';
import type { StatisticsMode } from '../../stores/mode';
import type { Column } from '../../ui/data-table';
import { formatNumber, formatP } from '../../ui/format';

export type ReportRow = TableView['rows'][number];

/** The tables of the paper, and what each is about. */
export const reportTables = [
  { name: '1', about: 'FBN → filter, HCP' },
  { name: '2', about: 'FBN → filter, StudyForrest' },
  { name: '3', about: 'by block' },
  { name: '4', about: 'embeddings compared' },
  { name: '5', about: '128 FBNs' },
  { name: '6', about: '256 FBNs' },
  { name: '7', about: '512 FBNs' },
  { name: '8', about: 'filter → FBN' },
  { name: 'regression', about: 'Figure 3: accuracy over r' },
  { name: 'paper', about: 'Figure 3 from the paper’s tables' },
  { name: 'stability', about: 'other runs, other subjects' },
  { name: 'ceiling', about: 'r over inter-subject r' },
  { name: 'confounds', about: 'what the movie does' },
  { name: 'hubs', about: 'filters of many FBNs' },
  { name: 'layers', about: 'whole layers: ridge, CKA, RSA' },
  { name: 'hierarchy', about: 'depth that predicts an FBN' },
  { name: 'methods', about: 'what was run, to cite' },
];

/** Columns as wide as what they hold; numbers to the right, starred where the table says so; those of corrected mode in that mode. */
export function reportColumns({ columns, rows }: TableView, mode: StatisticsMode): Column<ReportRow>[] {
  return columns
    .filter(({ isCorrected }) => !isCorrected || mode === 'corrected')
    .map(({ key, title: full, decimals, isP, starredBy }) => {
      // "Run 1 (task-movie_run-1): mean r" is too wide for what stands below it.
      const title = full.replace(/^(Run \d+) \([^)]*\)/, '$1');
      const isNumber = rows.some((row) => typeof row[key] === 'number');
      const show = (row: ReportRow) => {
        const value = row[key];
        const text = typeof value === 'number' ? (isP ? formatP(value) : formatWith(value, decimals)) : String(value ?? '–');
        return starredBy && row[starredBy] === true ? `${text} *` : text;
      };
      const widest = rows.reduce((most, row) => Math.max(most, show(row).length), title.length);
      return {
        ...{ key, title, hint: full, width: Math.min(260, 28 + 7 * widest), full: show, text: show },
        align: isNumber ? 'right' : 'left',
        value: (row) => (typeof row[key] === 'boolean' ? String(row[key]) : (row[key] ?? null)),
      };
    });
}

function formatWith(value: number, decimals: number | null): string {
  return decimals === null ? String(value) : formatNumber(value, decimals);
}
