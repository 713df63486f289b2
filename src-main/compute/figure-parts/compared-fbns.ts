import type { FigureSpec, FigureTask } from '../../../src-preload/shared/contract/figures';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { createEngineProduct } from '../../coupling/product';
import { toZScores } from '../../coupling/series';
import { fbnMaps } from '../../embedding/encode';
import { mapCorrelations, matchMaps } from '../../embedding/quality/match-maps';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { averagedPercentiles } from '../../figures/brain/averaged-histogram';
import type { ComparedEmbedding, MatchedFbn } from '../../figures/kinds/comparison';
import type { TaskContext } from '../process';

type ComparisonSpec = Extract<FigureSpec, { kind: 'comparison' }>;

/** Matches the FBNs of embeddings with those of the first one to one, and takes the rows that a figure asks for. */
export async function compareFbns(
  compared: NonNullable<FigureTask['compared']>,
  spec: ComparisonSpec,
  context: TaskContext,
): Promise<{ embeddings: ComparedEmbedding[]; rows: (MatchedFbn | null)[][] }> {
  const engine = await createEngineProduct(onnxruntimeEngine);
  try {
    const all: Matrix[] = [];
    const matches: Match[][] = [];
    for (const [i, { checkpoint }] of compared.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'matching FBNs', done: i, total: compared.length, unit: 'embeddings' });
      all.push(await fbnMaps(checkpoint));
      if (i > 0) matches.push(await matchWithFirst(all[0]!, all[i]!, engine.product));
    }
    const shares = [spec.fromPercentile / 100, spec.toPercentile / 100];
    const embeddings = compared.map(({ name }, i) => {
      const maps = Array.from({ length: all[i]!.rows }, (_, fbn) => matrixRow(all[i]!, fbn));
      const [threshold, limit] = averagedPercentiles(maps, shares) as [number, number];
      return { name, fbns: maps.length, threshold, limit, meanR: i === 0 ? null : meanOf(matches[i - 1]!) };
    });
    const rows = chosenFbns(all[0]!.rows, matches, spec).map((fbn) => [
      { fbn, map: matrixRow(all[0]!, fbn), r: null },
      ...matches.map((own, i) => describeMatch(all[i + 1]!, own[fbn])),
    ]);
    return { embeddings, rows };
  } finally {
    await engine.release();
  }
}

/** The FBN that one of the first embedding is matched to; undefined where none is left for it. */
type Match = { fbn: number; r: number } | undefined;

async function matchWithFirst(first: Matrix, other: Matrix, product: Parameters<typeof mapCorrelations>[2]): Promise<Match[]> {
  const partners = matchMaps(await mapCorrelations(first, other, product));
  return Array.from(partners, (fbn, own) =>
    fbn < 0 ? undefined : { fbn, r: signedR(matrixRow(first, own), matrixRow(other, fbn)) },
  );
}

/** r of two maps over the voxels where both have a value; the matching knows its size only. 0 where one is constant. */
function signedR(a: Float32Array, b: Float32Array): number {
  const voxels = Array.from(a.keys()).filter((v) => !Number.isNaN(a[v]!) && !Number.isNaN(b[v]!));
  const [x, y] = [a, b].map((map) => toZScores(Float64Array.from(voxels, (v) => map[v]!)));
  return x && y ? x.reduce((sum, value, i) => sum + value * y[i]!, 0) / x.length : 0;
}

function describeMatch(maps: Matrix, match: Match): MatchedFbn | null {
  if (!match) return null;
  const map = matrixRow(maps, match.fbn);
  return { ...match, map: match.r < 0 ? map.map((weight) => -weight) : map };
}

/** Those asked for, or those that are most alike across the embeddings. */
function chosenFbns(count: number, matches: readonly Match[][], { fbns, best }: ComparisonSpec): number[] {
  if (fbns) return fbns;
  const likeness = (fbn: number) => matches.reduce((sum, own) => sum + Math.abs(own[fbn]?.r ?? 0), 0);
  return Array.from({ length: count }, (_, fbn) => fbn)
    .sort((a, b) => likeness(b) - likeness(a) || a - b)
    .slice(0, best);
}

function meanOf(matches: readonly Match[]): number {
  const found = matches.flatMap((match) => (match ? Math.abs(match.r) : []));
  return found.reduce((sum, r) => sum + r, 0) / found.length;
}
