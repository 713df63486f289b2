import { describe, expect, test } from 'vitest';
import { correlate } from '../../src-main/coupling/correlate';
import { correlateArrays } from '../../src-main/coupling/correlate-arrays';
import { createEngineProduct } from '../../src-main/coupling/product';
import { linearRegression } from '../../src-main/coupling/regression';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { couplingReference, expectClose, toSeries, TOLERANCE } from './coupling-reference';
import { referenceJson } from './reference-folder';

interface PaperTables {
  table1: { rows: Record<string, { ImageNet: { pcc: number }[] }> };
  imagenetTop1: { percent: Record<string, number> };
}

const reference = couplingReference;

describe('the statistics of two arrays', async () => {
  const fbns = toSeries(reference.fbns);
  const filters = toSeries(reference.filters);
  const statistics = await correlateArrays(fbns, filters);

  test.each(['r', 'p', 'effectiveN', 'pEffective', 'fdrBhOfBest', 'metricsOfBest', 'circularShiftMaxNull'] as const)(
    '%s',
    (name) => expectClose(statistics[name], reference[name], name),
  );

  test('best pairs both ways, none for a constant series', () => {
    expect(statistics.bestFilterOfFbn).toEqual(reference.bestFilterOfFbn);
    expect(statistics.bestFbnOfFilter).toEqual(reference.bestFbnOfFilter);
  });

  test('the document is JSON and states the rule of the effective N', () => {
    expect(JSON.parse(JSON.stringify(statistics))).toEqual(statistics);
    expect(statistics.effectiveNRule).toBe(reference.effectiveNRule);
  });

  test('r in float32 and by a product on the engine', async () => {
    const { product, maxima, release } = await createEngineProduct(onnxruntimeEngine, { threads: 1 });
    const expected = reference.r.flat();
    for (const options of [{}, { product }]) {
      const r = await correlate(fbns, filters, options);
      expect(r.data).toHaveLength(expected.length);
      r.data.forEach((value, at) => {
        const wanted = expected[at]!;
        if (wanted === null) expect(value).toBeNaN();
        else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(TOLERANCE);
      });
    }
    const nulls = await correlateArrays(fbns, filters, { maxima });
    expectClose(nulls.circularShiftMaxNull, reference.circularShiftMaxNull, 'circularShiftMaxNull on the engine');
    await release();
  });
});

test('the regression of ImageNet top-1 on the mean r of Table 1', () => {
  const { table1, imagenetTop1 } = referenceJson<PaperTables>('paper-tables.json');
  const models = Object.keys(table1.rows);
  const lines = reference.regressionTable1.map(({ run, x, y }) => ({
    run,
    x,
    y,
    ...linearRegression(
      models.map((model) => table1.rows[model]!.ImageNet[run - 1]!.pcc),
      models.map((model) => imagenetTop1.percent[model]!),
    ),
  }));
  expectClose(lines, reference.regressionTable1, 'regressionTable1');
});
