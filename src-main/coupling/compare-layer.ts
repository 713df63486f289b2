import type { LayerComparison, StoredSimilarity } from '../../src-preload/shared/contract/comparisons';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { crossValidateRidge, type HeldOutRidge } from './cross-validated-ridge';
import { meanOf } from './generalisation';
import type { SeriesProduct } from './product';
import type { SeriesMatrix } from './series';
import { centredKernelAlignment, representationalSimilarity, type Similarity } from './space-similarity';

/** A movie run of a layer: FBN activations, averaged over the test subjects, and filter activations over the same time points. */
export interface ComparedRun {
  movieRun: string;
  x: SeriesMatrix;
  y: SeriesMatrix;
}

/** A whole layer against FBN space: what it predicts of every FBN, and how alike the two are over time. */
export async function compareLayer(
  runs: readonly ComparedRun[],
  options: { product?: SeriesProduct; context?: WorkContext } = {},
): Promise<LayerComparison> {
  const held = await crossValidateRidge(runs, options);
  const compared: LayerComparison['runs'] = [];
  for (const [i, { movieRun, x, y }] of runs.entries()) {
    throwIfCancelled(options.context?.signal);
    compared.push({
      movieRun,
      ridge: held ? known(meanOf(held[i]!.r)) : null,
      alignment: stored(await centredKernelAlignment(x, y, options)),
      similarity: stored(await representationalSimilarity(x, y, options)),
    });
  }
  return { runs: compared, ridgeOfFbns: held && meansOverRuns(held) };
}

/** Fisher's z averaged and turned back. */
function meansOverRuns(held: readonly HeldOutRidge[]): (number | null)[] {
  return Array.from(held[0]!.r, (_, fbn) => known(Math.tanh(meanOf(held.map(({ r }) => Math.atanh(r[fbn]!))))));
}

function stored({ value, expected, p, shifts }: Similarity): StoredSimilarity {
  return { value: known(value), expected: known(expected), p: known(p), shifts };
}

/** JSON knows no NaN. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
