import { expect, test } from 'vitest';
import { Generator } from '../../../../src-main/embedding/generator';
import { mapCorrelations, matchMaps, splitHalfReproducibility } from '../../../../src-main/embedding/quality/match-maps';
import type { Matrix } from '../../../../src-preload/shared/domain/matrix';

const generator = Generator.fromSeed(9);
const random = (rows: number, columns: number): Matrix => ({
  ...{ rows, columns },
  data: Float32Array.from({ length: rows * columns }, () => generator.nextSymmetric()),
});

/** a bᵀ. */
async function product(a: Matrix, b: Matrix): Promise<Matrix> {
  const data = new Float32Array(a.rows * b.rows);
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.rows; j++)
      for (let k = 0; k < a.columns; k++) data[i * b.rows + j]! += a.data[i * a.columns + k]! * b.data[j * b.columns + k]!;
  return { rows: a.rows, columns: b.rows, data };
}

/** Maps in another order, some with the other sign, all with noise. */
function disturbed({ rows, columns, data }: Matrix, order: readonly number[], noise: number): Matrix {
  const sign = (i: number) => (i % 2 === 0 ? 1 : -1);
  const values = Float32Array.from({ length: rows * columns }, (_, at) => {
    const i = Math.floor(at / columns);
    return sign(i) * data[order[i]! * columns + (at % columns)]! + 3 + noise * generator.nextSymmetric();
  });
  return { rows, columns, data: values };
}

test('the matching is the best of all', () => {
  for (let problem = 0; problem < 20; problem++) {
    const similarity = random(6, 6);
    const score = (partners: Iterable<number>) => [...partners].reduce((sum, j, i) => sum + similarity.data[i * 6 + j]!, 0);
    const permutations = (rest: number[]): number[][] =>
      rest.length === 0 ? [[]] : rest.flatMap((one) => permutations(rest.filter((k) => k !== one)).map((more) => [one, ...more]));
    const best = Math.max(...permutations([0, 1, 2, 3, 4, 5]).map(score));
    const before = similarity.data.slice();
    expect(score(matchMaps(similarity))).toBeCloseTo(best, 5);
    expect(similarity.data).toEqual(before);
  }
});

test('maps are found again in another order and sign; a map that one half lacks scores low', async () => {
  const whole = random(5, 400);
  const [first, second] = [disturbed(whole, [3, 0, 4, 1, 2], 0.2), disturbed(whole, [1, 2, 0, 4, 3], 0.2)];
  second.data.set(random(1, 400).data, 2 * 400);
  const [withFirst, withSecond] = [await mapCorrelations(whole, first, product), await mapCorrelations(whole, second, product)];
  expect([...matchMaps(withFirst)]).toEqual([1, 3, 4, 0, 2]);
  const found = splitHalfReproducibility({ withFirst, withSecond, between: await mapCorrelations(first, second, product) });
  // Map 0 is the one that stood where the second half now has something else.
  expect(found[0]).toBeLessThan(0.2);
  for (const i of [1, 2, 3, 4]) expect(found[i]).toBeGreaterThan(0.9);
});

test('voxels without a value in either set take no part', async () => {
  const a = random(2, 50);
  const b = { ...a, data: a.data.slice() };
  for (let row = 0; row < 2; row++) {
    a.data[row * 50 + 7] = NaN;
    b.data[row * 50 + 9] = NaN;
    b.data[row * 50 + 7] = 1e6;
  }
  const { data } = await mapCorrelations(a, b, product);
  expect(data[0]).toBeCloseTo(1, 5);
  expect(data[3]).toBeCloseTo(1, 5);
});
