import { expect, test } from 'vitest';
import { NOISE_AUTOCORRELATION, NOISE_SHARES, RunNoise } from '../../../src-main/phantom/noise';
import { Random } from '../../../src-main/phantom/random';

const volumes = 300;

/** Series of voxels that lie 4 mm apart on a line of a block, [voxels][time]. */
function noiseOfBlock(seed: number): { series: Float64Array[]; size: number } {
  const size = 12;
  const places = new Float32Array(size ** 3 * 3);
  for (let n = 0; n < size ** 3; n++)
    places.set([4 * (n % size), 4 * (Math.floor(n / size) % size), 4 * Math.floor(n / size ** 2)], 3 * n);
  const noise = new RunNoise(new Random(seed, 'noise'), places, volumes);
  const series = Array.from({ length: size ** 3 }, () => new Float64Array(volumes));
  const volume = new Float32Array(size ** 3);
  for (let t = 0; t < volumes; t++) {
    noise.next(volume);
    volume.forEach((value, n) => (series[n]![t] = value));
  }
  return { series, size };
}

const { series, size } = noiseOfBlock(1);

test('noise has variance 1 in all', () => {
  const variance = mean(series.map((one) => mean(Array.from(one, (value) => value * value))));
  expect(variance).toBeGreaterThan(0.93);
  expect(variance).toBeLessThan(1.07);
});

test('noise is autocorrelated as stated, drift on top', () => {
  const lag = mean(series.map((one) => mean(Array.from(one.subarray(1), (value, t) => value * one[t]!))));
  const expected = (NOISE_SHARES.white + NOISE_SHARES.smooth) * NOISE_AUTOCORRELATION + NOISE_SHARES.drift;
  expect(lag).toBeGreaterThan(expected - 0.04);
  expect(lag).toBeLessThan(expected + 0.04);
});

test('neighbours share noise, distant voxels only slow drift', () => {
  const pairs = (step: number) =>
    mean(
      Array.from({ length: size ** 3 - step }, (_, n) => n)
        .filter((n) => n % size < size - step)
        .map((n) => correlation(series[n]!, series[n + step]!)),
    );
  expect(pairs(1)).toBeGreaterThan(0.2);
  expect(pairs(1)).toBeLessThan(NOISE_SHARES.smooth + NOISE_SHARES.drift + 0.03);
  expect(Math.abs(pairs(9))).toBeLessThan(0.08);
  expect(pairs(2)).toBeLessThan(pairs(1));
});

test('noise is the same for the same seed', () => {
  expect(noiseOfBlock(1).series[17]).toEqual(series[17]);
  expect(noiseOfBlock(2).series[17]).not.toEqual(series[17]);
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: Float64Array, b: Float64Array): number {
  const products = (x: Float64Array, y: Float64Array) =>
    mean(Array.from(x, (value, t) => value * y[t]!)) - mean([...x]) * mean([...y]);
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}
