import { expect, test } from 'vitest';
import { estimateBatchSize, GrowingBatchSize } from '../../../src-main/cnn/batch-size';

const MB = 2 ** 20;

/** The sizes of the runs when each frame adds so much memory. */
function grow(perFrame: number, budget: number): number[] {
  const size = new GrowingBatchSize(100 * MB, budget);
  const sizes: number[] = [];
  for (let run = 0; run < 8; run++) {
    sizes.push(size.size);
    size.measured(size.size, 100 * MB + perFrame * size.size);
  }
  return sizes;
}

test('doubles as long as twice the frames would keep within the budget', () => {
  expect(grow(MB, 1024 * MB)).toEqual([1, 2, 4, 8, 8, 8, 8, 8]);
  expect(grow(30 * MB, 128 * MB)).toEqual([1, 2, 4, 4, 4, 4, 4, 4]);
  expect(grow(200 * MB, 128 * MB)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});

test('runs of batches that were read before it grew tell nothing', () => {
  const size = new GrowingBatchSize(0, 100);
  size.measured(1, 10);
  expect(size.size).toBe(2);
  size.measured(1, 90);
  expect(size.size).toBe(2);
  size.measured(2, 20);
  expect(size.size).toBe(4);
});

test('estimates follow the size of the maps', () => {
  const layer = { filters: 64, stride: 1 } as Parameters<typeof estimateBatchSize>[0][number];
  // 64 × 256 × 180 × 4 bytes × 4 maps = 47 MB per frame.
  expect(estimateBatchSize([layer], { width: 256, height: 180 })).toBe(5);
  expect(estimateBatchSize([{ ...layer, stride: 2 }], { width: 256, height: 180 })).toBe(16);
  expect(estimateBatchSize([layer], { width: 3000, height: 2000 })).toBe(1);
});
