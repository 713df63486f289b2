/** Most values kept over all units: 800 MB. Beyond it, thresholds are estimated from a part of the positions. */
export const MOST_VALUES = 200_000_000;

/**
 * The threshold that a share of all values of each unit exceeds, while values stream by: exact, by keeping the largest ones. Room for
 * a quarter more than needed is sorted out whenever it is full.
 */
export class TopValues {
  private readonly needed: number;
  private readonly capacity: number;
  private readonly kept: Float32Array;
  private readonly counts: Int32Array;
  /** Nothing at or below it can be among the largest any more. */
  private readonly floors: Float32Array;

  /**
   * @param total values of each unit that will come
   * @param share of them above the threshold
   */
  constructor(
    readonly units: number,
    total: number,
    share: number,
  ) {
    this.needed = Math.floor(total * share) + 1;
    this.capacity = this.needed + Math.max(256, this.needed >> 2);
    this.kept = new Float32Array(units * this.capacity);
    this.counts = new Int32Array(units);
    this.floors = new Float32Array(units).fill(-Infinity);
  }

  /** @param values of one unit, [from, to) of an array; NaN is passed over */
  add(unit: number, values: Float32Array, from: number, to: number, step = 1): void {
    const base = unit * this.capacity;
    let count = this.counts[unit]!;
    let floor = this.floors[unit]!;
    for (let i = from; i < to; i += step) {
      const value = values[i]!;
      if (!(value > floor)) continue;
      this.kept[base + count++] = value;
      if (count < this.capacity) continue;
      floor = this.sortOut(unit, count);
      count = this.needed;
    }
    this.counts[unit] = count;
    this.floors[unit] = floor;
  }

  /** Of every unit, the value that just the wanted share of its values exceed. */
  thresholds(): Float32Array {
    return Float32Array.from({ length: this.units }, (_, unit) => {
      const count = this.counts[unit]!;
      const own = this.kept.slice(unit * this.capacity, unit * this.capacity + count).sort();
      if (count >= this.needed) return own[count - this.needed]!;
      // The others were at or below a floor that was set by ties.
      return count > 0 && this.floors[unit]! > -Infinity ? this.floors[unit]! : (own[0] ?? NaN);
    });
  }

  /** What must be kept to go on later: kept values by unit, after their counts and floors. */
  save(): { counts: Int32Array; floors: Float32Array; kept: Float32Array } {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    const kept = new Float32Array(total);
    let at = 0;
    for (let unit = 0; unit < this.units; unit++) {
      const base = unit * this.capacity;
      kept.set(this.kept.subarray(base, base + this.counts[unit]!), at);
      at += this.counts[unit]!;
    }
    return { counts: this.counts.slice(), floors: this.floors.slice(), kept };
  }

  restore({ counts, floors, kept }: ReturnType<TopValues['save']>): void {
    this.counts.set(counts);
    this.floors.set(floors);
    let at = 0;
    for (let unit = 0; unit < this.units; unit++) {
      this.kept.set(kept.subarray(at, at + counts[unit]!), unit * this.capacity);
      at += counts[unit]!;
    }
  }

  /** Leaves the largest values only, in the first places; returns the smallest of them. */
  private sortOut(unit: number, count: number): number {
    const base = unit * this.capacity;
    const own = this.kept.subarray(base, base + count).sort();
    own.copyWithin(0, count - this.needed, count);
    return own[0]!;
  }
}
