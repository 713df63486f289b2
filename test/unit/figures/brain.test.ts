import { describe, expect, test } from 'vitest';
import { cutLabel, paintCut } from '../../../src-main/figures/brain/cut';
import { GlassBrain } from '../../../src-main/figures/brain/glass';
import { boxAround, peakOf, pointOf, sampler, sizePercentile } from '../../../src-main/figures/brain/volume';
import { grid, hotSpot, voxels } from './example';

const colours = { threshold: 0.5, limit: 1, palette: 'blue-red' } as const;

describe('reading a volume anywhere', () => {
  test('a linear function is read exactly, on an oblique left-handed grid too', () => {
    const affine = [-2, 0.3, 0, 20, 0.2, 3, 0.1, -30, 0, -0.1, 4, -10, 0, 0, 0, 1];
    const oblique = { shape: [12, 14, 10] as const, affine };
    const linear = (x: number, y: number, z: number) => 3 + 0.5 * x - 0.2 * y + z;
    const values = Float32Array.from({ length: 12 * 14 * 10 }, (_, voxel) => linear(...pointOf(oblique, voxel)));
    const read = sampler({ grid: oblique, values });
    const middle = pointOf(oblique, 5 + 12 * (6 + 14 * 4)).map((value, axis) => value + [0.4, 1.1, -0.7][axis]!);
    expect(read(...(middle as [number, number, number]))).toBeCloseTo(linear(...(middle as [number, number, number])), 3);
    expect(read(500, 0, 0)).toBeNaN();
  });

  test('half a voxel beyond the mask there is nothing', () => {
    const one = { shape: [3, 3, 3] as const, affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] };
    const values = new Float32Array(27).fill(NaN);
    values[13] = 7;
    const read = sampler({ grid: one, values });
    expect(read(2, 2, 2)).toBe(7);
    expect(read(2.8, 2, 2)).toBeCloseTo(7);
    expect(read(3.2, 2, 2)).toBeNaN();
  });
});

test('the subject’s right is on the right, and on the left in a radiological picture', () => {
  const map = hotSpot(48, 0, 0);
  const values = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]).fill(NaN);
  voxels.forEach((voxel, n) => (values[voxel] = map[n]!));
  const read = sampler({ grid, values });
  const box = boxAround(grid, voxels);
  const share = (radiological: boolean) => {
    const { width, height, rgba } = paintCut(
      { plane: 'axial', mm: 0, box, pixelsPerMm: 0.5, radiological },
      read,
      () => NaN,
      colours,
    );
    let sum = 0;
    let count = 0;
    for (let pixel = 0; pixel < width * height; pixel++)
      if (rgba[pixel * 4 + 3] === 255) {
        sum += (pixel % width) / width;
        count++;
      }
    expect(count).toBeGreaterThan(10);
    return sum / count;
  };
  expect(share(false)).toBeGreaterThan(0.65);
  expect(share(true)).toBeLessThan(0.35);
});

test('the peak, percentiles and names of cuts', () => {
  expect(peakOf(hotSpot(40, 8, 16), voxels, grid)).toEqual([40, 8, 16]);
  expect(peakOf(new Float32Array(voxels.length).fill(NaN), voxels, grid).every(Number.isFinite)).toBe(true);
  expect(sizePercentile([-4, 1, NaN, 2, 3], 1)).toBe(4);
  expect(sizePercentile([], 0.5)).toBe(0);
  expect(cutLabel('axial', -12.2)).toBe('z = −12');
});

test('a glass brain shows the value largest in size along every line of sight, inside the outline of the mask', () => {
  const inside = (x: number, y: number, z: number) => (Math.hypot(x, y, z) < 60 ? 1 : NaN);
  const box = { low: [-70, -70, -70], high: [70, 70, 70] } as const;
  const glass = new GlassBrain(box, inside);
  // Strong and negative low on the right, weak and positive above it.
  const near = (at: readonly number[], point: readonly number[]) => Math.hypot(...at.map((value, i) => value - point[i]!)) < 9;
  const map = (...point: number[]) => (near([30, 0, -20], point) ? -1 : near([30, 0, 20], point) ? 0.7 : 0.1);
  const views = glass.views(map);
  const seen = (radiological: boolean) => {
    const { width, height, rgba } = glass.paint({ plane: 'axial', pixelsPerMm: 1, radiological }, views.axial, colours);
    return (x: number, y: number) => [...rgba.subarray(4 * ((70 - y) * width + x + 70)).subarray(0, 4), height].slice(0, 4);
  };
  const [red, green, blue] = seen(false)(30, 0) as [number, number, number];
  expect(blue).toBeGreaterThan(red + 40);
  expect(green).toBeLessThan(blue);
  expect(seen(true)(-30, 0)).toEqual([red, green, blue, 255]);
  expect(seen(false)(-30, 0)[3]).toBe(255);
  expect(seen(false)(-65, 0)[3]).toBe(0);
  const [rim, middle] = [seen(false)(-59, 0)[0]!, seen(false)(-20, 0)[0]!];
  expect(rim).toBeLessThan(middle - 60);
  expect(Math.min(...views.coronal.values)).toBe(-1);
  expect(Math.max(...views.coronal.values)).toBeCloseTo(0.7, 5);
});
