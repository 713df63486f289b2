import { countAtLeast, ROUNDING } from '../coupling/circular-shift-null';
import { circularShifts } from '../coupling/surrogates';
import type { ActivationCache } from '../project/activation-cache';
import type { NamedCoupling } from '../project/queries/couplings';
import { nullMaximaOf } from './coupled-series';
import { coupledTests } from './coupled-tests';
import type { CouplingInputs } from './coupling-inputs';

/**
 * The largest r under every null copy that the side which looks for a partner finds: over the filters for an FBN, over the FBNs
 * for a filter. The former is kept, the latter is computed here when asked for, which for circular shifts takes a moment.
 * @returns float32 [n]; undefined before corrected mode was computed, or where the null cannot be had
 */
export async function nullOfPair(
  cache: ActivationCache,
  { direction, correction }: Pick<NamedCoupling, 'direction' | 'correction'>,
  { fbn, filter }: { fbn: number; filter: number },
  inputs: CouplingInputs | undefined,
  embeddingKey: string,
): Promise<Float32Array | undefined> {
  if (!correction) return undefined;
  if (direction === 'fbn-to-filter') {
    const maxima = await nullMaximaOf(cache, correction.key);
    return maxima?.data.slice(fbn * maxima.columns + 1, (fbn + 1) * maxima.columns);
  }
  if (correction.method !== 'circular-shift' || !inputs) return undefined;
  const coupled = await coupledTests(cache, inputs, embeddingKey, filter);
  if (!coupled) return undefined;
  let found: Float32Array | undefined;
  const onFilter = (_: number, maxima: Float64Array | null) => {
    found = maxima ? Float32Array.from(maxima.subarray(1)) : undefined;
  };
  await coupled.tests.nullMaxima(circularShifts(coupled.timePoints), { onFilter });
  return found;
}

/** (copies with a maximum of at least r, and one) / (1 + n). */
export function pOfNull(maxima: Float32Array, r: number): number {
  return (countAtLeast(maxima.slice().sort(), r - ROUNDING.float32) + 1) / (maxima.length + 1);
}
