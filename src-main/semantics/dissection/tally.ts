import type { Concept, ImageConcepts } from './concepts';
import { Upsampler, type Size } from './upsample';

/** A label of a unit: how much the unit's active pixels and the concept's overlap. */
export interface MeasuredLabel {
  concept: number;
  /** Intersection over union. */
  iou: number;
  /** The same with the segmentations of other images. */
  chance: number;
}

/** Counts over images: pixels active, labelled, and both. Whole numbers below 2^53. */
interface Counts {
  /** [units × concepts] */
  both: Float64Array;
  /** Active pixels in images that have any label of a category: [units × categories] */
  active: Float64Array;
  /** [concepts] */
  labelled: Float64Array;
}

/**
 * Network Dissection's tally: for every unit and concept, pixels at which the unit is above its threshold, the concept is there, and
 * both, over the images that have labels of the concept's category; and once more with each image under the labels of another, for
 * what overlap comes by chance.
 * @see Bau et al. 2017, "Network Dissection", section 3
 */
export class Tally {
  private readonly own: Counts;
  private readonly other: Counts;
  private readonly categories: number;
  private readonly upsamplers = new Map<string, Upsampler>();
  private pixels = new Int32Array();

  constructor(
    private readonly units: number,
    private readonly concepts: readonly Concept[],
    private readonly map: Size,
    private readonly thresholds: Float32Array,
  ) {
    this.categories = Math.max(-1, ...concepts.map(({ category }) => category)) + 1;
    const counts = (): Counts => ({
      both: new Float64Array(units * concepts.length),
      active: new Float64Array(units * this.categories),
      labelled: new Float64Array(concepts.length),
    });
    this.own = counts();
    this.other = counts();
  }

  /**
   * Takes one image.
   * @param maps feature maps of the image, from `offset` on: [units, y, x]
   * @param labels its own, and those of another image; null: there is no other one yet
   */
  add(maps: Float32Array, offset: number, labels: ImageConcepts, others: ImageConcepts | null): void {
    const own = { labels, counts: this.own };
    countLabels(labels, this.own.labelled);
    if (!others) return this.addActive(maps, offset, [own]);
    const other = { labels: others, counts: this.other };
    countLabels(others, this.other.labelled);
    const isSameSize = labels.width === others.width && labels.height === others.height;
    // Finding the active pixels is most of the work: of segmentations of one size it is done once.
    if (isSameSize) return this.addActive(maps, offset, [own, other]);
    this.addActive(maps, offset, [own]);
    this.addActive(maps, offset, [other]);
  }

  /** The best label of every category, of every unit: [units][categories], null where nothing overlaps. */
  labels(): (MeasuredLabel | null)[][] {
    return Array.from({ length: this.units }, (_, unit) => {
      const best: (MeasuredLabel | null)[] = new Array<null>(this.categories).fill(null);
      for (const [concept, { category }] of this.concepts.entries()) {
        const iou = this.iou(this.own, unit, concept);
        if (iou > (best[category]?.iou ?? 0)) best[category] = { concept, iou, chance: this.iou(this.other, unit, concept) };
      }
      return best;
    });
  }

  /** The counts, to go on later: written over by `restore`. */
  arrays(): Record<string, Float64Array> {
    const named = ([name, counts]: [string, Counts]) => Object.entries(counts).map(([kind, array]) => [`${name}.${kind}`, array]);
    return Object.fromEntries([named(['own', this.own]), named(['other', this.other])].flat()) as Record<string, Float64Array>;
  }

  restore(arrays: Record<string, Float64Array>): void {
    for (const [name, array] of Object.entries(this.arrays())) array.set(arrays[name]!);
  }

  private iou({ both, active, labelled }: Counts, unit: number, concept: number): number {
    const shared = both[unit * this.concepts.length + concept]!;
    const union = active[unit * this.categories + this.concepts[concept]!.category]! + labelled[concept]! - shared;
    return union > 0 ? shared / union : 0;
  }

  /** @param sides segmentations of one size, and what their overlap is added to */
  private addActive(maps: Float32Array, offset: number, sides: { labels: ImageConcepts; counts: Counts }[]): void {
    const { width, height } = sides[0]!.labels;
    const upsampler = this.upsampler(width, height);
    const cells = this.map.width * this.map.height;
    if (this.pixels.length < width * height) this.pixels = new Int32Array(width * height);
    const { pixels } = this;
    for (let unit = 0; unit < this.units; unit++) {
      const active = upsampler.above(maps, offset + unit * cells, this.thresholds[unit]!, pixels);
      if (active > 0) for (const { labels, counts } of sides) this.countOverlap(unit, pixels, active, labels, counts);
    }
  }

  private countOverlap(
    unit: number,
    pixels: Int32Array,
    active: number,
    { whole, planes, categories }: ImageConcepts,
    counts: Counts,
  ): void {
    for (const category of categories) counts.active[unit * this.categories + category]! += active;
    const row = unit * this.concepts.length;
    for (const concept of whole) counts.both[row + concept]! += active;
    for (const plane of planes) {
      for (let n = 0; n < active; n++) {
        const label = plane[pixels[n]!]!;
        if (label > 0) counts.both[row + label - 1]!++;
      }
    }
  }

  private upsampler(width: number, height: number): Upsampler {
    const key = `${width}×${height}`;
    let found = this.upsamplers.get(key);
    if (!found) this.upsamplers.set(key, (found = new Upsampler(this.map, { width, height })));
    return found;
  }
}

function countLabels({ width, height, whole, planes }: ImageConcepts, labelled: Float64Array): void {
  for (const concept of whole) labelled[concept]! += width * height;
  for (const plane of planes) for (let i = 0; i < plane.length; i++) if (plane[i]! > 0) labelled[plane[i]! - 1]!++;
}
