import type { FigureSpec, FigureTask } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listCouplings, type NamedCoupling } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { listModels } from '../../project/queries/models';
import { publishedMeanR } from '../../report/paper-tables';
import { chooseEmbedding } from '../jobs/couple';
import { measuredEmbedding } from '../quality';
import { meanFiles } from '../resources/background';
import { programVersion } from '../version';
import { fbnMeasures } from '../../../src-preload/shared/contract/quality';
import { preparePairs } from './prepare-pairs';

/**
 * Gathers what a figure is drawn from.
 * @throws UserError where the project does not hold what the figure needs
 */
export function prepareFigure(project: Project, spec: FigureSpec, format: FigureTask['format']): FigureTask {
  const embedding = chooseEmbedding(project, spec.embedding ?? newestCoupled(project, spec));
  const common = { spec, format, activations: project.activationsFile };
  const made = (title: string, inputs: Record<string, unknown>) => ({
    ...{ ...common, title: spec.title ?? title },
    provenance: {
      ...{ program: `Sync-ACT Workstation ${programVersion}`, mode: 'paper', figure: spec },
      embedding: { key: embedding.key, variant: embedding.variant, settings: embedding.settings, ...embedding.provenance },
      inputs,
    },
  });
  switch (spec.kind) {
    case 'pairs': {
      const pairs = preparePairs(project, embedding, spec);
      const inputs = { couplings: [...new Set(pairs.map(({ couplingKey }) => couplingKey))] };
      return { ...made('Pairs of FBNs and filters', inputs), brain: brainOf(project, embedding, spec.template), pairs };
    }
    case 'atlas': {
      const fbns = describeFbns(project, embedding, spec.fbns);
      const inputs = { checkpoint: embedding.result!.best.hash };
      const title = `${fbns.length} FBNs of embedding ${embedding.id}`;
      return { ...made(title, inputs), brain: brainOf(project, embedding, spec.template), fbns };
    }
    case 'matrix':
    case 'regression': {
      const couplings = couplingsOf(project, embedding, spec.direction);
      const inputs = { couplings: couplings.map(({ key }) => key) };
      const sought = spec.direction === 'fbn-to-filter' ? 'the best filter of every FBN' : 'the best FBN of every filter';
      return spec.kind === 'matrix'
        ? { ...made(`Mean r of ${sought}`, inputs), matrix: matrixOf(couplings) }
        : { ...made(`Mean r of ${sought} over ImageNet top-1`, inputs), regression: regressionOf(project, couplings) };
    }
  }
}

/** The newest embedding that a figure of couplings can be made of; undefined where it needs none, or there is none. */
function newestCoupled({ database }: Project, spec: FigureSpec): number | undefined {
  if (!('direction' in spec)) return undefined;
  const coupled = listCouplings(database).filter(({ direction, reducer }) => direction === spec.direction && reducer === 'max');
  return coupled.reduce<number | undefined>((newest, { embeddingId }) => Math.max(newest ?? 0, embeddingId), undefined);
}

function brainOf(project: Project, embedding: Embedding, template: string | undefined): NonNullable<FigureTask['brain']> {
  const mask = readMask(project.database, embedding.maskId)!;
  return {
    mask: project.path(mask.file),
    checkpoint: project.path(embedding.result!.best.file),
    background: template === undefined ? { means: meanFiles(project, embedding) } : { template },
  };
}

function describeFbns(project: Project, embedding: Embedding, wanted: number[] | undefined): NonNullable<FigureTask['fbns']> {
  const fbns = wanted ?? Array.from({ length: embedding.fbns }, (_, fbn) => fbn);
  const wrong = fbns.find((fbn) => fbn >= embedding.fbns);
  if (wrong !== undefined)
    throw new UserError({
      what: `there is no FBN ${wrong}`,
      expected: `0 to ${embedding.fbns - 1} of embedding ${embedding.id}`,
    });
  const quality = measuredEmbedding(project, embedding);
  const column = fbnMeasures.indexOf('interSubject');
  return fbns.map((fbn) => {
    const isc = quality?.table[fbn * fbnMeasures.length + column] ?? NaN;
    return { fbn, note: Number.isNaN(isc) ? '' : `ISC ${isc < 0 ? '−' : ''}${Math.abs(isc).toFixed(2)}` };
  });
}

function couplingsOf(project: Project, embedding: Embedding, direction: NamedCoupling['direction']): NamedCoupling[] {
  const couplings = listCouplings(project.database, embedding.id).filter(
    (coupling) => coupling.direction === direction && coupling.reducer === 'max',
  );
  if (couplings.length > 0) return couplings;
  throw new UserError({
    what: `nothing is coupled with embedding ${embedding.id} in this direction yet`,
    file: project.folder,
    remedy: 'run `syncact couple`',
  });
}

function matrixOf(couplings: readonly NamedCoupling[]): NonNullable<FigureTask['matrix']> {
  const movieRuns = [...new Set(couplings.map(({ movieRun }) => movieRun))].sort();
  const layers = Map.groupBy(couplings, ({ layerId }) => layerId);
  const rows = [...layers.values()].map((cells) => {
    const byRun = (movieRun: string) => cells.find((cell) => cell.movieRun === movieRun);
    const { model, layer, isLastConvolution } = cells[0]!;
    return {
      ...{ model, layer, values: movieRuns.map((run) => byRun(run)?.meanR ?? null) },
      published: movieRuns.map((_, i) => (isLastConvolution ? publishedMeanR(cells[0]!, i + 1, movieRuns.length) : null)),
    };
  });
  return { movieRuns, rows };
}

/** Models with a known accuracy, each by its last convolution. */
function regressionOf(project: Project, couplings: readonly NamedCoupling[]): NonNullable<FigureTask['regression']> {
  const accuracies = new Map(listModels(project.database).map(({ id, top1Percent }) => [id, top1Percent]));
  const points = couplings.flatMap(({ modelId, model, movieRun, meanR, isLastConvolution }) => {
    const top1 = accuracies.get(modelId);
    return isLastConvolution && meanR !== null && top1 != null ? [{ movieRun, model, top1, meanR }] : [];
  });
  if (points.length === 0)
    throw new UserError({
      what: 'no coupled model has a known ImageNet top-1 accuracy',
      remedy: 'give it in the Models screen or with `syncact import-model --top1`, and couple the last convolutional layer',
    });
  return [...Map.groupBy(points, ({ movieRun }) => movieRun)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([movieRun, ofRun]) => ({ movieRun, points: ofRun.map(({ model, top1, meanR }) => ({ model, top1, meanR })) }));
}
