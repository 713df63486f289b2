/** The whole state of a generator: four uint32. */
export type GeneratorState = readonly [number, number, number, number];

/**
 * Random numbers that are the same on every machine for the same seed, with a state that can be stored: xoshiro128** of Blackman
 * and Vigna, its state filled by splitmix32. (No library: those on npm hide the state or seed from the clock.)
 */
export class Generator {
  private readonly s: Uint32Array;

  private constructor(state: Iterable<number>) {
    this.s = Uint32Array.from(state);
  }

  /** @param seed a whole number; its lowest 32 bits count */
  static fromSeed(seed: number): Generator {
    let x = seed >>> 0;
    return new Generator(
      Array.from({ length: 4 }, () => {
        x = (x + 0x9e3779b9) >>> 0;
        let z = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
        z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
        return (z ^ (z >>> 15)) >>> 0;
      }),
    );
  }

  static fromState(state: GeneratorState): Generator {
    return new Generator(state);
  }

  get state(): GeneratorState {
    return [...this.s] as unknown as GeneratorState;
  }

  /** Uniform over the whole numbers 0 … 2³²−1. */
  nextUint32(): number {
    const s = this.s;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** Uniform in [−1, 1), in steps of 2⁻²³. */
  nextSymmetric(): number {
    return (this.nextUint32() >>> 8) / 2 ** 23 - 1;
  }

  /** One of the whole numbers 0 … count−1. */
  below(count: number): number {
    return Math.floor((this.nextUint32() / 2 ** 32) * count);
  }

  /** The numbers 0 … count−1 in random order (Fisher–Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
