import { basename } from 'node:path';
import type { FigureSpec, FigureTask } from '../../../src-preload/shared/contract/figures';
import { fbnMeasures } from '../../../src-preload/shared/contract/quality';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listComparisons } from '../../project/queries/comparisons';
import { listCouplings } from '../../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { ablationCouplings } from '../ablation';
import { chooseEmbedding } from '../jobs/couple';
import { measuredEmbedding } from '../quality';
import { meanFiles } from '../resources/background';
import { programVersion } from '../version';
import { prepareAblation } from './prepare-ablation';
import { nullsOf, readStudy } from './prepare-calibration';
import { comparedEmbeddings, describeCompared } from './prepare-comparison';
import { couplingsOf, matrixOf, regressionOf } from './prepare-couplings';
import { prepareHierarchy } from './prepare-hierarchy';
import { prepareNulls } from './prepare-nulls';
import { preparePairs } from './prepare-pairs';

/** What a figure is drawn from, where it lies, and what it is called unless it has a title of its own. */
type Content = Partial<FigureTask> & { title: string; inputs: Record<string, unknown> };
type SpecOf<Kind extends FigureSpec['kind']> = Extract<FigureSpec, { kind: Kind }>;

/**
 * Gathers what a figure is drawn from.
 * @throws UserError where the project does not hold what the figure needs
 */
export async function prepareFigure(project: Project, spec: FigureSpec, format: FigureTask['format']): Promise<FigureTask> {
  const { inputs, title, embeddings, ...content } = await contentOf(project, spec);
  const described = embeddings.map(({ key, variant, settings, provenance }) => ({ key, variant, settings, ...provenance }));
  return {
    ...{ ...content, spec, format, activations: project.activationsFile, title: spec.title ?? title },
    provenance: {
      ...{ program: `Sync-ACT Workstation ${programVersion}`, mode: modeOf(spec), figure: spec },
      ...(described.length === 1 ? { embedding: described[0] } : { embeddings: described }),
      inputs,
    },
  };
}

/** What is drawn is the paper's, or needs what corrected mode adds. */
function modeOf({ kind }: FigureSpec): 'paper' | 'corrected' {
  return kind === 'null-distribution' || kind === 'calibration' ? 'corrected' : 'paper';
}

async function contentOf(project: Project, spec: FigureSpec): Promise<Content & { embeddings: Embedding[] }> {
  switch (spec.kind) {
    case 'comparison':
      return comparisonOf(project, spec);
    case 'ablation':
      return ablationOf(project, spec);
    case 'calibration':
      if (spec.study !== undefined) return { ...(await studyOf(spec.study)), embeddings: [] };
  }
  const embedding = chooseEmbedding(project, spec.embedding ?? newestThatFits(project, spec));
  return { ...(await contentOfEmbedding(project, spec, embedding)), embeddings: [embedding] };
}

type OfOneEmbedding = Exclude<FigureSpec, { kind: 'comparison' | 'ablation' }>;

async function contentOfEmbedding(project: Project, spec: OfOneEmbedding, embedding: Embedding): Promise<Content> {
  switch (spec.kind) {
    case 'pairs': {
      const pairs = preparePairs(project, embedding, spec);
      const inputs = { couplings: [...new Set(pairs.map(({ couplingKey }) => couplingKey))] };
      return { title: 'Pairs of FBNs and filters', inputs, brain: brainOf(project, embedding, spec.template), pairs };
    }
    case 'atlas': {
      const fbns = describeFbns(project, embedding, spec.fbns);
      const title = `${fbns.length} FBNs of embedding ${embedding.id}`;
      const inputs = { checkpoint: embedding.result!.best.hash };
      return { title, inputs, brain: brainOf(project, embedding, spec.template), fbns };
    }
    case 'matrix':
    case 'regression': {
      const couplings = couplingsOf(project, embedding, spec.direction);
      const inputs = { couplings: couplings.map(({ key }) => key) };
      const sought = spec.direction === 'fbn-to-filter' ? 'the best filter of every FBN' : 'the best FBN of every filter';
      return spec.kind === 'matrix'
        ? { title: `Mean r of ${sought}`, inputs, matrix: matrixOf(couplings) }
        : { title: `Mean r of ${sought} over ImageNet top-1`, inputs, regression: regressionOf(project, couplings) };
    }
    case 'null-distribution': {
      const nulls = await prepareNulls(project, embedding, couplingsOf(project, embedding, spec.direction), spec);
      const inputs = { nulls: [...new Set(nulls.map(({ nullKey }) => nullKey))] };
      return { title: 'Observed r and the largest that chance finds', inputs, nulls };
    }
    case 'hierarchy': {
      const { hierarchy, comparisons } = prepareHierarchy(project, embedding, spec.model);
      return { title: 'How deep in its network every FBN is predicted', inputs: { comparisons }, hierarchy };
    }
    case 'calibration': {
      const nulls = nullsOf(project, embedding);
      const about = `every copy of ${nulls.length} nulls of embedding ${embedding.id}, FBN to filter: what chance alone pairs`;
      const title = 'Calibration on the project’s own nulls';
      return { title, inputs: { nulls: nulls.map(({ key }) => key) }, calibration: { about, nulls } };
    }
  }
}

function comparisonOf(project: Project, spec: SpecOf<'comparison'>): Content & { embeddings: Embedding[] } {
  const embeddings = comparedEmbeddings(project, spec);
  return {
    ...{ title: `FBNs of ${embeddings.length} embeddings, matched one to one`, embeddings },
    inputs: { checkpoints: embeddings.map(({ result }) => result!.best.hash) },
    brain: brainOf(project, embeddings[0]!, spec.template),
    compared: describeCompared(project, embeddings),
  };
}

function ablationOf(project: Project, { embedding, model }: SpecOf<'ablation'>): Content & { embeddings: Embedding[] } {
  const { ablation, couplings } = prepareAblation(project, embedding, model);
  const used = new Map(
    ablationCouplings(project)
      .filter(({ coupling }) => couplings.includes(coupling.key))
      .map((one) => [one.embedding.id, one.embedding]),
  );
  return {
    title: 'Embeddings compared by the metrics of their pairs',
    inputs: { couplings },
    ablation,
    embeddings: [...used.values()],
  };
}

async function studyOf(file: string): Promise<Content> {
  const { study, hash } = await readStudy(file);
  return { title: 'Calibration and power', inputs: { study: hash }, calibration: { about: `a study: ${basename(file)}`, study } };
}

/** The newest embedding that holds what a figure is made of; undefined where any will do, or none does. */
function newestThatFits({ database }: Project, spec: OfOneEmbedding): number | undefined {
  const couplings = listCouplings(database).filter(({ reducer }) => reducer === 'max');
  const fitting = (): number[] => {
    switch (spec.kind) {
      case 'atlas':
        return [];
      case 'hierarchy':
        return listEmbeddings(database)
          .map(({ id }) => id)
          .filter((id) => listComparisons(database, id).length > 0);
      case 'calibration':
        return couplings.flatMap(({ embeddingId, correction }) => (correction ? [embeddingId] : []));
      case 'null-distribution':
        return couplings.flatMap((one) => (one.correction && one.direction === spec.direction ? [one.embeddingId] : []));
      default:
        return couplings.flatMap(({ embeddingId, direction }) => (direction === spec.direction ? [embeddingId] : []));
    }
  };
  return fitting().reduce<number | undefined>((newest, id) => Math.max(newest ?? 0, id), undefined);
}

/** Where the brain is that an embedding's maps are drawn on. */
export function brainOf(project: Project, embedding: Embedding, template: string | undefined): NonNullable<FigureTask['brain']> {
  const mask = readMask(project.database, embedding.maskId)!;
  return {
    mask: project.path(mask.file),
    checkpoint: project.path(embedding.result!.best.file),
    background: template === undefined ? { means: meanFiles(project, embedding) } : { template },
  };
}

/** FBNs with what is noted beside them; all where none is asked for. */
export function describeFbns(
  project: Project,
  embedding: Embedding,
  wanted: number[] | undefined,
): NonNullable<FigureTask['fbns']> {
  const fbns = wanted ?? Array.from({ length: embedding.fbns }, (_, fbn) => fbn);
  const wrong = fbns.find((fbn) => fbn >= embedding.fbns);
  if (wrong !== undefined)
    throw new UserError({
      code: 'not-found',
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
