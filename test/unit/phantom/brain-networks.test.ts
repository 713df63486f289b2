import { expect, test } from 'vitest';
import { MNI_4MM } from '../../../src-preload/shared/domain/grid';
import { createBrainMask, placesOf } from '../../../src-main/phantom/brain';
import { createNetworks, drawMap, peakOf } from '../../../src-main/phantom/networks';
import { Random } from '../../../src-main/phantom/random';

const mask = createBrainMask();
const places = placesOf(mask);

test('the brain has a plausible size and two alike halves on the MNI grid', () => {
  expect(mask.grid).toEqual(MNI_4MM);
  expect(mask.voxels.length).toBeGreaterThan(20_000);
  expect(mask.voxels.length).toBeLessThan(28_000);
  const known = new Set(
    Array.from({ length: mask.voxels.length }, (_, n) => key(places[3 * n]!, places[3 * n + 1]!, places[3 * n + 2]!)),
  );
  for (let n = 0; n < mask.voxels.length; n++) {
    const x = places[3 * n]!;
    // The grid's first voxel lies at −90 mm, so that it has no mirror image of each of its voxels.
    if (Math.abs(x) < 66) expect(known.has(key(-x, places[3 * n + 1]!, places[3 * n + 2]!)), `mirror of x = ${x}`).toBe(true);
  }
});

test('networks have equal energy, little overlap and peaks inside the brain', () => {
  const networks = createNetworks(new Random(5, 'networks'), places, 12);
  expect(new Set(networks.map(({ name }) => name)).size).toBe(12);
  for (const { map, blobs } of networks) {
    expect(dot(map, map)).toBeGreaterThan(240);
    expect(dot(map, map)).toBeLessThan(260);
    expect(Math.max(...map)).toBeLessThanOrEqual(1);
    expect(Math.max(...map)).toBeGreaterThan(0.8);
    const peak = peakOf(map, places);
    expect(Math.min(...blobs.map(({ centre }) => Math.hypot(...centre.map((value, axis) => value - peak[axis]!))))).toBeLessThan(
      8,
    );
    const right = map.reduce((sum, value, n) => sum + (places[3 * n]! > 0 ? value : 0), 0);
    const all = map.reduce((sum, value) => sum + value, 0);
    expect(right / all).toBeGreaterThan(0.3);
    expect(right / all).toBeLessThan(0.7);
  }
  for (const [i, a] of networks.entries())
    for (const b of networks.slice(i + 1))
      expect(dot(a.map, b.map) / Math.sqrt(dot(a.map, a.map) * dot(b.map, b.map))).toBeLessThan(0.25);
});

test('networks are the same for the same seed', () => {
  const draw = (seed: number) =>
    createNetworks(new Random(seed, 'networks'), places, 3).map(({ name, map }) => [name, peakOf(map, places)]);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('more networks than there is room for are refused', () => {
  expect(() => createNetworks(new Random(0, 'networks'), places, 200)).toThrow(/no room/);
});

test('a shift moves a map', () => {
  const blobs = [{ centre: [30, -59, 20] as const, sigma: 10 }];
  expect(peakOf(drawMap(places, blobs), places)).toEqual([30, -58, 20]);
  expect(peakOf(drawMap(places, blobs, [8, 0, -8]), places)).toEqual([38, -58, 12]);
});

function key(...values: number[]): string {
  return values.join(' ');
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, n) => sum + value * b[n]!, 0);
}
