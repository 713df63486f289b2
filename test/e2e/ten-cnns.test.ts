import { expect, test } from 'vitest';
import { temporaryFolder } from './cli';
import { walkThroughTenCnns } from '../walkthrough/ten-cnns';

test('a movie through CNNs of the paper, every block, killed and resumed on the way, fills Tables 1 and 3', async () => {
  const models = ['shufflenet_v2_x1_0', 'mobilenet_v2', 'resnet18'];
  const size = { frames: 48, movieRuns: 2, width: 96, height: 80, subjects: 4, fbns: 4, models };
  const { extractions, tables } = await walkThroughTenCnns(size, temporaryFolder());
  expect(extractions.map(({ model }) => model)).toEqual(models);
  const { afterKill } = extractions[0]!;
  expect(afterKill).toBeGreaterThan(0);
  expect(afterKill).toBeLessThan(48);
  const filled = (row: Record<string, unknown>) =>
    [1, 2].every((run) => typeof row[`run${run}`] === 'number' && Number.isFinite(row[`run${run}`]));
  expect(tables['1']).toHaveLength(3);
  expect(tables['3']).toHaveLength(extractions.reduce((sum, { layers }) => sum + layers, 0));
  for (const row of [...tables['1'], ...tables['3']]) expect(filled(row), JSON.stringify(row)).toBe(true);
}, 240_000);
