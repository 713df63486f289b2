import type { FigureTask } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { ALL_RUNS } from '../../report/ablation-table';
import type { Table } from '../../report/table';
import { ablationCouplings, ablationFbns, buildAblation } from '../ablation';

const metrics = [
  ...['MAE', 'MSE', 'RMSE', 'DTW'].map((name) => ({ name, isHigherBetter: false })),
  ...['PCC', 'Spearman'].map((name) => ({ name, isHigherBetter: true })),
];

/**
 * Table 4 of one model as a figure takes it.
 * @param asked name of the model; the one that most embeddings are coupled with where left out
 * @throws UserError where nothing is measured, or not of this model
 */
export function prepareAblation(
  project: Project,
  embeddingId: number | undefined,
  asked: string | undefined,
): { ablation: NonNullable<FigureTask['ablation']>; couplings: string[] } {
  const fbns = ablationFbns(project, embeddingId);
  const { rows } = buildAblation(project, fbns);
  const model = chooseModel(rows, asked);
  const own = rows.filter((row) => row.model === model);
  const used = ablationCouplings(project, fbns).filter(({ coupling, metrics: found }) => coupling.model === model && found);
  const measured = metrics.filter(({ name }) => own.some((row) => row[name] != null));
  const values = (row: Table['rows'][number], ending = '') =>
    measured.map(({ name }) => (row[`${name}${ending}`] as number | null | undefined) ?? null);
  const embeddings = Map.groupBy(own, ({ embedding }) => embedding);
  const described = [...embeddings].map(([embedding, all]) => {
    const whole = all.find(({ movieRun }) => movieRun === ALL_RUNS)!;
    return {
      name: `${String(whole.variant)} (no. ${String(embedding)})`,
      ...{ all: values(whole), published: values(whole, 'Published') },
      runs: all.filter((row) => row !== whole).map((row) => values(row)),
    };
  });
  const about = `${model} ${String(own[0]!.layer)}, ${fbns} FBNs, pairs FBN to filter (Eq. 2)`;
  return { ablation: { about, metrics: measured, rows: described }, couplings: used.map(({ coupling }) => coupling.key) };
}

function chooseModel(rows: Table['rows'], asked: string | undefined): string {
  const embeddings = new Map<string, Set<unknown>>();
  for (const { model, embedding } of rows) {
    const own = embeddings.get(model as string) ?? new Set();
    embeddings.set(model as string, own.add(embedding));
  }
  const models = [...embeddings].sort((a, b) => b[1].size - a[1].size).map(([model]) => model);
  if (asked === undefined) return models[0]!;
  if (models.includes(asked)) return asked;
  throw new UserError({
    code: 'earlier-step-missing',
    what: `the pairs of ${asked} are not measured`,
    expected: `one of ${models.join(', ')}`,
  });
}
