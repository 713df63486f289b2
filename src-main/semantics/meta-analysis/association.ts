import erfc from '@stdlib/math-base-special-erfc';

/** Expected share of false voxels among those that pass a map's threshold. */
export const FDR_LEVEL = 0.01;

/** How many studies there are, and how many of them report activation near each place. */
export interface Activations {
  studies: number;
  /** [places] */
  active: Int32Array;
}

/**
 * Reverse inference: z of the 2 × 2 table of studies with and without the term × studies that are and are not active at a place
 * (Pearson's χ² without continuity correction; z = ±√χ², positive where the term's studies are active more often). 0 where all or no
 * studies are active.
 * @see Wager, Lindquist & Kaplan 2007, doi:10.1093/scan/nsm015; Yarkoni et al. 2011, doi:10.1038/nmeth.1635
 */
export function associationZ(withTerm: Activations, all: Activations, into: Float32Array): Float32Array {
  const n = withTerm.studies;
  const total = all.studies;
  const without = total - n;
  for (let place = 0; place < into.length; place++) {
    const a = withTerm.active[place]!;
    const active = all.active[place]!;
    const denominator = n * without * active * (total - active);
    // a·d − b·c of the table, which is n·b' − …, written with the margins.
    const determinant = a * total - n * active;
    into[place] = denominator > 0 ? determinant * Math.sqrt(total / denominator) : 0;
  }
  return into;
}

/**
 * Forward inference: z of whether a term's studies are active at a place more often than at a place on average (χ² of observed
 * against mean count; z = ±√χ²).
 */
export function uniformityZ({ studies, active }: Activations, into: Float32Array): Float32Array {
  let mean = 0;
  for (let place = 0; place < into.length; place++) mean += active[place]!;
  mean /= into.length;
  const scale = mean > 0 && mean < studies ? Math.sqrt(1 / mean + 1 / (studies - mean)) : 0;
  for (let place = 0; place < into.length; place++) into[place] = (active[place]! - mean) * scale;
  return into;
}

/**
 * The |z| from which on places of a map pass Benjamini and Hochberg's procedure (two-sided); Infinity where none do.
 * @param z [places]
 */
export function fdrThreshold(z: Float32Array, level = FDR_LEVEL): number {
  const candidates: number[] = [];
  // No place passes whose own p is above the level.
  for (let place = 0; place < z.length; place++) {
    const size = Math.abs(z[place]!);
    if (size > 2 && twoSidedP(size) <= level) candidates.push(size);
  }
  const sorted = Float64Array.from(candidates).sort().reverse();
  for (let rank = sorted.length; rank > 0; rank--) {
    if (twoSidedP(sorted[rank - 1]!) <= (level * rank) / z.length) return sorted[rank - 1]!;
  }
  return Infinity;
}

/** Probability that a standard normal value is further from 0 than z. */
export function twoSidedP(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}
