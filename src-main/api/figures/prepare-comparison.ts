import type { FigureSpec, FigureTask } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { describeVariant } from '../../../src-preload/shared/domain/variant-name';
import type { Project } from '../../project/project';
import { listEmbeddings, type Embedding } from '../../project/queries/embeddings';
import { chooseEmbedding } from '../jobs/couple';

type ComparisonSpec = Extract<FigureSpec, { kind: 'comparison' }>;

/** As many columns as can be told apart in print. */
const MOST = 4;

/**
 * The embeddings that a figure compares: those asked for, or the newest of every variant with as many FBNs as the newest has.
 * @throws UserError where there are fewer than two, or they are not of one mask
 */
export function comparedEmbeddings(project: Project, { embeddings, fbns, ...spec }: ComparisonSpec): Embedding[] {
  checkPercentiles(spec);
  const chosen = embeddings
    ? [...new Set(embeddings)].map((id) => chooseEmbedding(project, id))
    : newestOfVariants(project, chooseEmbedding(project, undefined));
  if (chosen.length < 2)
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'there is nothing to compare the FBNs with',
      expected: 'two embeddings or more of the same mask and, unless they are named, with as many FBNs',
      found: chosen.map(({ id }) => `embedding ${id}`).join(', '),
      remedy: 'train another variant, or name the embeddings: --set embeddings=[1,2]',
    });
  const [first] = chosen as [Embedding];
  const other = chosen.find(({ maskId }) => maskId !== first.maskId);
  if (other)
    throw new UserError({
      code: 'does-not-fit',
      what: `the FBNs of embeddings ${first.id} and ${other.id} cannot be compared`,
      expected: 'embeddings of the same mask',
      found: 'different masks',
    });
  const wrong = fbns?.find((fbn) => fbn >= first.fbns);
  if (wrong === undefined) return chosen;
  throw new UserError({
    code: 'not-found',
    what: `there is no FBN ${wrong}`,
    expected: `0 to ${first.fbns - 1} of embedding ${first.id}`,
  });
}

function checkPercentiles({ fromPercentile, toPercentile }: Pick<ComparisonSpec, 'fromPercentile' | 'toPercentile'>): void {
  if (fromPercentile < toPercentile) return;
  throw new UserError({
    code: 'setting-invalid',
    what: 'no voxel lies between these percentiles',
    expected: 'fromPercentile below toPercentile',
    found: `${fromPercentile} and ${toPercentile}`,
  });
}

export function describeCompared(project: Project, embeddings: readonly Embedding[]): NonNullable<FigureTask['compared']> {
  return embeddings.map((embedding) => ({
    name: `${describeVariant(embedding)} (no. ${embedding.id})`,
    checkpoint: project.path(embedding.result!.best.file),
  }));
}

/** The newest embedding, and the newest one of each other variant beside it. */
function newestOfVariants({ database }: Project, newest: Embedding): Embedding[] {
  const alike = listEmbeddings(database).filter(
    ({ state, maskId, fbns }) => state === 'complete' && maskId === newest.maskId && fbns === newest.fbns,
  );
  const newestOf = new Map(alike.map((embedding) => [describeVariant(embedding), embedding]));
  const others = [...newestOf.values()].filter(({ id }) => id !== newest.id).sort((a, b) => a.id - b.id);
  return [newest, ...others].slice(0, MOST);
}
