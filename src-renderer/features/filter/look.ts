import { filterState, filterStatistics, type FilterState } from '../../../src-preload/shared/contract/filter-statistics';
import type { LayerLook } from '../../../src-preload/shared/contract/model-views';

/** A filter with what is measured of it. */
export interface FilterRow {
  filter: number;
  smallest: number;
  largest: number;
  mean: number;
  deviation: number;
  state: FilterState;
}

/** @param table [filters, filterStatistics.length] */
export function filterRows(table: Float32Array): FilterRow[] {
  const width = filterStatistics.length;
  return Array.from({ length: table.length / width }, (_, filter) => {
    const [smallest, largest, mean, deviation] = table.subarray(filter * width, (filter + 1) * width) as unknown as number[];
    return {
      filter,
      smallest: smallest!,
      largest: largest!,
      mean: mean!,
      deviation: deviation!,
      state: filterState(smallest!, largest!),
    };
  });
}

export interface Histogram {
  from: number;
  to: number;
  counts: number[];
}

/** How often each activation occurs, in bins of one width; one bin for a constant series. NaN is left out. */
export function histogramOf(series: Float32Array, bins: number): Histogram {
  const finite = series.filter(Number.isFinite);
  const [from, to] = finite.reduce(
    ([low, high], value) => [Math.min(low!, value), Math.max(high!, value)],
    [Infinity, -Infinity],
  );
  if (finite.length === 0) return { from: 0, to: 0, counts: [] };
  if (from === to) return { from: from!, to: to!, counts: [finite.length] };
  const counts = new Array<number>(bins).fill(0);
  for (const value of finite) counts[binOf({ from: from!, to: to!, counts }, value)]!++;
  return { from: from!, to: to!, counts };
}

/** The bin that an activation lies in. */
export function binOf({ from, to, counts }: Histogram, value: number): number {
  if (from === to) return 0;
  return Math.max(0, Math.min(counts.length - 1, Math.floor(((value - from) / (to - from)) * counts.length)));
}

/** Part of a picture, in shares of its width and height. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** Where a feature map lies on the picture; over the whole of it where that is not known. */
export function mapBox(look: Pick<LayerLook, 'receptiveField' | 'input'>, shape: readonly [height: number, width: number]): Box {
  const { receptiveField: field, input } = look;
  if (!field || !input.width || !input.height) return WHOLE;
  return {
    x: (field.x.start + 0.5 - field.x.step / 2) / input.width,
    y: (field.y.start + 0.5 - field.y.step / 2) / input.height,
    width: (field.x.step * shape[1]) / input.width,
    height: (field.y.step * shape[0]) / input.height,
  };
}

/** What the unit that fires most sees of the picture; null where that is all of it, or not known. */
export function receptiveBox(
  look: Pick<LayerLook, 'receptiveField' | 'input'>,
  map: Float32Array,
  shape: readonly [height: number, width: number],
): Box | null {
  const { receptiveField: field, input } = look;
  if (!field || !input.width || !input.height) return null;
  const peak = map.reduce((best, value, at) => (value > map[best]! ? at : best), 0);
  const along = ({ size, step, start }: { size: number; step: number; start: number }, unit: number, pixels: number) => {
    const centre = start + unit * step + 0.5;
    const from = Math.max(0, centre - size / 2);
    return [from / pixels, Math.min(pixels, centre + size / 2) / pixels - from / pixels] as const;
  };
  const [x, width] = along(field.x, peak % shape[1], input.width);
  const [y, height] = along(field.y, Math.floor(peak / shape[1]), input.height);
  return width > 0.98 && height > 0.98 ? null : { x, y, width, height };
}

/** A kernel as pixels RGBA [y, x, 4]: grey where it is 0, as strong as its largest weight allows. @param kernel [channels, y, x] */
export function kernelPixels(
  kernel: Float32Array,
  channels: number,
  height: number,
  width: number,
): Uint8ClampedArray<ArrayBuffer> {
  const largest = kernel.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const pixels = new Uint8ClampedArray(4 * height * width);
  for (let at = 0; at < height * width; at++) {
    for (let c = 0; c < 3; c++) {
      const value = kernel[Math.min(c, channels - 1) * height * width + at]!;
      pixels[4 * at + c] = 127.5 + (127.5 * value) / largest;
    }
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

/**
 * A shade over a picture that leaves bright what a map fires at, RGBA [y, x, 4]: clear where it is largest in this frame, dark at 0
 * and below.
 */
export function shadePixels(map: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const largest = map.reduce((most, value) => Math.max(most, value), 0);
  const pixels = new Uint8ClampedArray(4 * map.length);
  map.forEach((value, at) => (pixels[4 * at + 3] = DARKEST * (1 - (largest > 0 ? Math.max(0, value / largest) : 0))));
  return pixels;
}

/** Of 255: what the filter does not fire at can still be made out. */
const DARKEST = 192;
