/** Parts of the subjects that an embedding is trained, chosen and tested on. */
export type Part = 'train' | 'validation' | 'test';

const parts: readonly Part[] = ['train', 'validation', 'test'];

/**
 * Splits subjects at random, the same way for the same names and seed whatever their order: shuffled (Fisher–Yates, mulberry32),
 * then shared out by largest remainders; from three subjects on every part gets at least one.
 * @param shares of train, validation and test, whole numbers
 */
export function splitSubjects(
  names: readonly string[],
  seed: number,
  shares: readonly [number, number, number] = [60, 10, 30],
): Map<string, Part> {
  const shuffled = shuffle([...names].sort(), mulberry32(seed));
  const sizes = shareOut(shuffled.length, shares);
  const part = (index: number) => parts[index < sizes[0]! ? 0 : index < sizes[0]! + sizes[1]! ? 1 : 2]!;
  return new Map(shuffled.map((name, index) => [name, part(index)]));
}

function shareOut(count: number, shares: readonly [number, number, number]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  // In whole numbers, so that equal remainders are equal: the earlier part is then served first.
  const sizes = shares.map((share) => Math.floor((share * count) / total));
  const remainders = shares.map((share) => (share * count) % total);
  const left = count - sizes.reduce((sum, size) => sum + size, 0);
  const byRemainder = [0, 1, 2].sort((a, b) => remainders[b]! - remainders[a]! || a - b);
  for (const i of byRemainder.slice(0, left)) sizes[i]!++;
  if (count < shares.length) return sizes;
  for (let empty = sizes.indexOf(0); empty >= 0; empty = sizes.indexOf(0)) {
    sizes[empty]!++;
    sizes[sizes.indexOf(Math.max(...sizes))]!--;
  }
  return sizes;
}

function shuffle(names: string[], random: () => number): string[] {
  for (let i = names.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [names[i], names[j]] = [names[j]!, names[i]!];
  }
  return names;
}

/** Tommy Ettinger's mulberry32: uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
