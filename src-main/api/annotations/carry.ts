import { v7 as newId } from 'uuid';
import type { CarryView } from '../../../src-preload/shared/contract/annotation-views';
import type { PairIdentity } from '../../../src-preload/shared/contract/annotations';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { planCarry, type CarryPlan, type MapMatch } from '../../annotation/carry';
import { annotationOf } from '../../annotation/replay';
import { describeIdentity } from '../../annotation/steps';
import { inBlocks, multiplyTransposed, rowsBetween, rowsPerBlock } from '../../coupling/product';
import { fbnMaps } from '../../embedding/encode';
import { mapCorrelations, matchMaps } from '../../embedding/quality/match-maps';
import type { Project } from '../../project/project';
import { readEmbedding, type Embedding } from '../../project/queries/embeddings';
import { listDistinctPairs } from '../../project/queries/pair-places';
import { annotationLog, type NewEvent } from './log';
import { PairPlaces } from './pairs';

/** Which annotations go where: an author's own, from one embedding to the matched FBNs of another. */
export interface Carry {
  author: string;
  from: number;
  to: number;
  /** |r| of two maps that count as the same FBN, at least. */
  leastR: number;
}

const MOST_SHOWN = 200;
/** The embeddings matched last: the preview, and what is then done, ask for the same. */
const matched = new WeakMap<Project, { key: string; matches: Promise<MapMatch[]> }>();

/** What would be carried over; nothing is written. @throws UserError where the two embeddings cannot be compared */
export async function viewCarry(project: Project, carry: Carry): Promise<CarryView> {
  const { plan, matches } = await prepare(project, carry);
  const counts = new Map<number, number>();
  for (const { source } of plan.carried) counts.set(source.fbn, (counts.get(source.fbn) ?? 0) + 1);
  const { annotations, unlike, notPaired, annotated } = plan;
  return {
    ...{ annotations, unlike, notPaired, annotated, carried: plan.carried.length },
    matches: matches.map((match) => ({ ...match, annotations: counts.get(match.from) ?? 0 })),
    pairs: plan.carried.slice(0, MOST_SHOWN).map(({ source, pair, r, after }) => ({
      ...{ what: describeIdentity(pair), from: source.fbn, r },
      says: [after.status, after.relation, after.fbn, after.filter].filter(Boolean).join(' · '),
    })),
  };
}

/** The events that carry over what the plan says, as one step of undo. @throws UserError where nothing would be */
export async function carryEvents(project: Project, id: string, carry: Carry): Promise<NewEvent[]> {
  const { plan } = await prepare(project, carry);
  if (plan.carried.length === 0) throw new UserError({ code: 'nothing-to-do', what: 'there is nothing to carry over' });
  const { state } = annotationLog(project);
  const places = new PairPlaces(project);
  return plan.carried.map(({ source, pair, r, after }): NewEvent => {
    const place = { embedding: carry.to, layer: places.layerOf(pair)!, fbn: pair.fbn, filter: pair.filter };
    return {
      ...{ kind: 'decision', id: newId(), group: id, author: carry.author, action: 'carry', pair, suggestion: null },
      before: annotationOf(state, pair, carry.author),
      ...{ after, basis: places.basis(place), carried: { embedding: source.embedding, fbn: source.fbn, r } },
    };
  });
}

async function prepare(project: Project, { author, from, to, leastR }: Carry): Promise<{ plan: CarryPlan; matches: MapMatch[] }> {
  const [old, now] = [trainedEmbedding(project, from), trainedEmbedding(project, to)];
  if (from === to)
    throw new UserError({
      code: 'annotation-refused',
      what: 'annotations are carried over from one embedding to another',
      found: 'the same',
    });
  const matches = await matchEmbeddings(project, old, now);
  const isPair = pairTest(project, to);
  const { state } = annotationLog(project);
  return { matches, plan: planCarry(state, author, { from: old.key, to: now.key, matches, leastR }, isPair) };
}

function trainedEmbedding({ database }: Project, id: number): Embedding & { result: NonNullable<Embedding['result']> } {
  const found = readEmbedding(database, id);
  if (!found?.result)
    throw new UserError({ code: 'not-found', what: `there is no complete embedding ${id}`, remedy: 'Embedding lists them' });
  return { ...found, result: found.result };
}

/** One FBN of the one for each FBN of the other, so that their maps are most alike altogether (Kuhn 1955). */
function matchEmbeddings(project: Project, old: ReturnType<typeof trainedEmbedding>, now: typeof old): Promise<MapMatch[]> {
  if (old.maskId !== now.maskId)
    throw new UserError({
      code: 'does-not-fit',
      what: 'the maps of these two embeddings cannot be compared',
      expected: 'two embeddings of the same mask',
      found: 'different masks',
    });
  const key = `${old.result.best.hash} ${now.result.best.hash}`;
  const known = matched.get(project);
  if (known?.key === key) return known.matches;
  const matches = (async () => {
    const mapsOf = ({ best }: typeof old.result) => fbnMaps(project.path(best.file));
    const [a, b] = [await mapsOf(old.result), await mapsOf(now.result)];
    const similarity = await mapCorrelations(a, b, productInBlocks);
    const partners = matchMaps(similarity);
    return [...partners.entries()].flatMap(([from, to]) =>
      to < 0 ? [] : { from, to, r: similarity.data[from * similarity.columns + to]! },
    );
  })();
  matched.set(project, { key, matches });
  matches.catch(() => matched.delete(project));
  return matches;
}

/** a · bᵀ in pieces, between which the host answers others. */
async function productInBlocks(a: Matrix, b: Matrix): Promise<Matrix> {
  const product = { rows: a.rows, columns: b.rows, data: new Float32Array(a.rows * b.rows) };
  const [left, right] = [a, b].map(({ data, ...size }) => ({ ...size, data: new Float64Array(data) }));
  const size = rowsPerBlock(b.rows * b.columns);
  await inBlocks({ rows: a.rows, size, stage: 'comparing maps', unit: 'FBNs', context: undefined }, (start, end) =>
    multiplyTransposed(rowsBetween(left!, start, end), right!, { data: product.data, offset: start * b.rows, stride: b.rows }),
  );
  return product;
}

/** Whether an embedding has a pair, in either direction. */
function pairTest(project: Project, embedding: number): (identity: PairIdentity) => boolean {
  const places = new PairPlaces(project);
  const found = new Set<string>();
  for (const direction of ['fbn-to-filter', 'filter-to-fbn'] as const)
    for (const [layer, fbn, filter] of listDistinctPairs(project.database, embedding, direction))
      found.add(`${layer} ${fbn} ${filter}`);
  return (identity) => found.has(`${places.layerOf(identity)} ${identity.fbn} ${identity.filter}`);
}
