import { parametersOf, USUAL_CLASSES, type Architecture } from './architectures/architecture';
import type { Weights } from './build-model';

/**
 * Made-up weights, the same for the same seed: He initialisation (normal, variance 2 / inputs) for convolutions and linear layers,
 * batch norm that does nothing, biases of zero. What a network sees before it has learned anything.
 */
export function randomWeights(architecture: Architecture, seed: number, classes: number | null = USUAL_CLASSES): Weights {
  const parameters = parametersOf(architecture);
  return {
    classes,
    read(name) {
      const { shape, role, fanIn, countsClasses } = parameters.get(name)!;
      const sizes = countsClasses && classes !== null ? [classes, ...shape.slice(1)] : shape;
      const values = new Float32Array(sizes.reduce((product, size) => product * size, 1));
      if (role === 'scale' || role === 'variance') values.fill(1);
      if (role === 'weight') fillNormal(values, Math.sqrt(2 / fanIn), seedOf(name, seed));
      return Promise.resolve(values);
    },
  };
}

/** A seed for each parameter, so that they may be read in any order: FNV-1a of its name, from the seed. */
function seedOf(name: string, seed: number): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Normal numbers by Box and Muller from mulberry32. */
function fillNormal(values: Float32Array, deviation: number, seed: number): void {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < values.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
}
