/** A source of random numbers that is the same on every machine for the same seed and purpose. */
export class Random {
  private readonly state: Uint32Array;
  private spare: number | null = null;

  /** @param purpose what the numbers are for: generators of different purposes are independent of each other */
  constructor(seed: number, purpose: string) {
    // FNV-1a over the seed and the purpose; the counter of sfc32 starts at 1, and its first numbers are thrown away.
    let hash = 0x811c9dc5;
    for (const character of `${seed}:${purpose}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
    this.state = Uint32Array.of(hash, Math.imul(hash, 0x9e3779b1) ^ 0x5bd1e995, seed, 1);
    for (let i = 0; i < 16; i++) this.uniform();
  }

  /** Uniform in [0, 1) (sfc32 of PractRand: 128 bits of state, so that streams do not run into each other). */
  uniform(): number {
    const state = this.state;
    const [a, b, c] = [state[0]!, state[1]!, state[2]!];
    const counter = state[3]!;
    const result = (a + b + counter) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    state[3] = counter + 1;
    return result / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** True with the probability given. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One of several, all alike likely. */
  choose<T>(values: readonly T[]): T {
    return values[Math.floor(this.uniform() * values.length)]!;
  }

  /** Normal with mean 0 and variance 1 (Marsaglia's polar method). */
  normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    let u: number;
    let v: number;
    let square: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    this.spare = v * factor;
    return u * factor;
  }
}
