import type { Command } from 'commander';
import { fbnMeasures } from '../../../../src-preload/shared/contract/quality';
import { measuredEmbedding } from '../../../api/quality';
import { listEmbeddings, type Embedding } from '../../../project/queries/embeddings';
import type { Project } from '../../../project/project';
import { addCommand, parseCount } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addQualityCommand(program: Command): void {
  addCommand(
    program,
    'quality <dir>',
    'how good the FBNs of each embedding are',
    'Measures the FBNs of every trained embedding (or of one, then FBN by FBN), and compares the embeddings by the means.\n' +
      '  together    share of the test runs’ variance that all activations explain (least squares)\n' +
      '  alone       share that one activation explains by itself; unique: what no other one explains\n' +
      '  subjects    r of a subject’s activation with the mean of the others\n' +
      '  top 5 %     share of a map’s energy in its strongest 5 % of voxels (0.05 for a flat map, 0.28 for noise)\n' +
      '  clusters    of at least 10 voxels with |z| > 2; largest: voxels of the largest one; in them: share of such voxels\n' +
      '  halves      |r| of matched maps of two trainings, each on half of the training subjects (--split-half)',
  )
    .option('--embedding <id>', 'one embedding, FBN by FBN', parseCount)
    .option('--split-half', 'also train on either half of the training subjects, which takes as long as the training did')
    .action((folder: string, options: { json?: boolean; embedding?: number; splitHalf?: boolean }) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'quality', async (open) => {
          const { database } = open.project;
          const complete = listEmbeddings(database).filter(({ state }) => state === 'complete');
          const wanted = complete.filter(({ id }) => options.embedding === undefined || id === options.embedding);
          // None, or one that is not there: the job says what is wrong.
          const ids = wanted.length > 0 ? wanted.map(({ id }) => id) : [options.embedding];
          for (const embedding of ids) {
            const input = { ...(embedding !== undefined && { embedding }), splitHalf: options.splitHalf ?? false };
            await runJob(open, 'assess', input, context);
          }
          return describe(open.project, wanted, options.embedding !== undefined);
        }),
      ),
    );
}

const titles = ['together', 'alone', 'unique', 'subjects', 'top 5 %', 'clusters', 'largest', 'in them', 'halves'];

function describe(project: Project, embeddings: readonly Embedding[], byFbn: boolean): { json: unknown; text: string } {
  const measured = embeddings.map((embedding) => ({ embedding, ...measuredEmbedding(project, embedding)! }));
  const json = {
    embeddings: measured.map(({ embedding, quality, table }) => ({
      ...{ embedding: embedding.id, variant: embedding.variant, fbns: embedding.fbns, means: quality },
      ...(byFbn && { byFbn: rowsOf(table, embedding.fbns) }),
    })),
  };
  const rows = measured.map(({ embedding, quality }) => [
    ...[embedding.id, embedding.variant, embedding.fbns, rounded(quality.explainedTogether)],
    ...fbnMeasures.map((name) => rounded(quality[name])),
  ]);
  const [first] = measured;
  const fbns = byFbn && first ? rowsOf(first.table, first.embedding.fbns) : [];
  const text = [formatColumns([['embedding', 'variant', 'FBNs', ...titles], ...rows])];
  if (fbns.length > 0) {
    const lines = fbns.map(({ fbn, ...values }) => [fbn, ...fbnMeasures.map((name) => rounded(values[name]))]);
    text.push(formatColumns([['FBN', ...titles.slice(1)], ...lines]));
  }
  return { json, text: text.join('\n') };
}

type FbnRow = { fbn: number } & Record<(typeof fbnMeasures)[number], number | null>;

function rowsOf(table: Float64Array, fbns: number): FbnRow[] {
  return Array.from({ length: fbns }, (_, fbn) => {
    const values = fbnMeasures.map((name, i) => [name, finite(table[fbn * fbnMeasures.length + i]!)]);
    return { fbn, ...Object.fromEntries(values) } as FbnRow;
  });
}

function finite(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(4));
}
