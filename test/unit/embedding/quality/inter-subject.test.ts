import { expect, test } from 'vitest';
import { Generator } from '../../../../src-main/embedding/generator';
import { InterSubjectCorrelation } from '../../../../src-main/embedding/quality/inter-subject';
import type { Matrix } from '../../../../src-preload/shared/domain/matrix';

const generator = Generator.fromSeed(5);
const [fbns, time] = [3, 50];
const activations = (): Matrix => ({
  rows: fbns,
  columns: time,
  data: Float32Array.from({ length: fbns * time }, (_, i) => Math.sin(i * 0.3) + generator.nextSymmetric()),
});
const row = ({ data, columns }: Matrix, i: number, length = time) => [...data.subarray(i * columns, i * columns + length)];

function z(x: readonly number[]): number[] {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length);
  return x.map((value) => (value - mean) / deviation);
}
const r = (x: readonly number[], y: readonly number[]) => z(x).reduce((sum, value, i) => sum + value * z(y)[i]!, 0) / x.length;
const fisherMean = (rs: readonly number[]) => Math.tanh(rs.reduce((sum, one) => sum + Math.atanh(one), 0) / rs.length);

test('of two subjects it is their correlation; runs are averaged; time beyond the movie does not count', () => {
  const [a, b, c, d] = [activations(), activations(), activations(), activations()];
  const isc = new InterSubjectCorrelation(fbns);
  isc.add([() => a, () => b], time);
  isc.add([() => c, () => d], 30);
  for (const [i, mean] of isc.means().entries())
    expect(mean).toBeCloseTo(fisherMean([r(row(a, i), row(b, i)), r(row(c, i, 30), row(d, i, 30))]), 6);
});

test('of three subjects each is compared with the mean z-scores of the others', () => {
  const subjects = [activations(), activations(), activations()];
  subjects[0]!.data.forEach((value, i, data) => (data[i] = 1000 * value));
  const isc = new InterSubjectCorrelation(fbns);
  isc.add(
    subjects.map((subject) => () => subject),
    time,
  );
  for (const [i, mean] of isc.means().entries()) {
    const scores = subjects.map((subject) => z(row(subject, i)));
    const others = (left: number) => scores[0]!.map((_, t) => scores.reduce((sum, s, k) => sum + (k === left ? 0 : s[t]!), 0));
    expect(mean).toBeCloseTo(fisherMean(scores.map((own, k) => r(own, others(k)))), 6);
  }
});

test('one subject alone, and a constant activation, tell nothing', () => {
  const alone = new InterSubjectCorrelation(fbns);
  alone.add([activations], time);
  expect([...alone.means()]).toEqual([NaN, NaN, NaN]);
  const [a, b] = [activations(), activations()];
  b.data.fill(2, time, 2 * time);
  const isc = new InterSubjectCorrelation(fbns);
  isc.add([() => a, () => b], time);
  const [first, second] = isc.means();
  expect(Number.isFinite(first)).toBe(true);
  expect(second).toBeNaN();
});

test('subjects with the same activation come to 1, not to infinity', () => {
  const a = activations();
  const isc = new InterSubjectCorrelation(fbns);
  isc.add([() => a, () => a, () => a], time);
  for (const mean of isc.means()) expect(mean).toBeCloseTo(1, 6);
});
