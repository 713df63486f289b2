/** One figure of `npm run bench`: a ratio measured in one run, with the bound it is held against. */
export interface BenchmarkResult {
  name: string;
  /** What the ratio is of, in words: "embedding step ÷ its two bare products". */
  ratio: string;
  value: number;
  /** The figure wanted; `atMost` or `atLeast`. */
  bound: { atMost: number } | { atLeast: number };
  /** Absolute figures behind the ratio, by name with unit: { stepMs: 61.2 }. */
  details: Record<string, number | string>;
  /** Why there is no value, where something is missing that it needs; it counts neither as met nor as missed. */
  notRun?: string;
}

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Milliseconds that `work` takes once. */
export async function milliseconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
