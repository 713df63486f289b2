import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareFbns } from '../../../src-main/compute/figure-parts/compared-fbns';
import { writeMapsFile } from '../../../src-main/embedding/maps/maps-file';
import { figureSpec } from '../../../src-preload/shared/contract/figures';
import { quietContext } from '../../../src-preload/shared/domain/work';

const VOXELS = 50;
const folder = mkdtempSync(join(tmpdir(), 'syncact-compared-'));
const wave = (k: number) => Float32Array.from({ length: VOXELS }, (_, v) => Math.sin((2 * Math.PI * k * v) / VOXELS));
const mixed = (a: Float32Array, share: number, b: Float32Array) => a.map((value, v) => share * value + (1 - share) * b[v]!);

/** An embedding with these maps, whose first voxel took no part. */
async function embedding(name: string, maps: Float32Array[]): Promise<{ name: string; checkpoint: string }> {
  const theta = new Float32Array(2 * maps.length * VOXELS);
  for (const [i, map] of maps.entries()) theta.set(map, (maps.length + i) * VOXELS);
  const checkpoint = join(folder, `${name}.safetensors`);
  await writeMapsFile(checkpoint, { theta, means: new Float32Array(maps.length) }, Uint32Array.of(0), 'a test');
  return { name, checkpoint };
}

const spec = (more: object) => {
  const parsed = figureSpec.parse({ kind: 'comparison', ...more } as never);
  if (parsed.kind !== 'comparison') throw new Error('another figure');
  return parsed;
};

test('FBNs are matched one to one by the size of r, the best matched come first, and turned maps are turned back', async () => {
  const first = await embedding('first', [wave(1), wave(2), wave(3)]);
  const alike = mixed(wave(1), 0.6, wave(5));
  const turned = wave(3).map((value) => -2 * value);
  const second = await embedding('second', [turned, alike]);
  const { embeddings, rows } = await compareFbns([first, second], spec({ best: 3 }), quietContext() as never);
  expect(rows.map(([own, other]) => [own!.fbn, other?.fbn ?? null])).toEqual([
    [2, 0],
    [0, 1],
    [1, null],
  ]);
  const [best, next] = rows as [(typeof rows)[number], (typeof rows)[number]];
  expect(best[1]!.r).toBeCloseTo(-1, 2);
  expect(best[1]!.map[7]).toBeCloseTo(2 * wave(3)[7]!, 5);
  expect(best[1]!.map[0]).toBeNaN();
  // Waves of whole periods are orthogonal: r = 0.6 / √(0.6² + 0.4²).
  expect(next[1]!.r).toBeCloseTo(0.6 / Math.hypot(0.6, 0.4), 1);
  expect(embeddings[0]!.meanR).toBeNull();
  expect(embeddings[1]!.meanR).toBeCloseTo((Math.abs(best[1]!.r!) + next[1]!.r!) / 2, 6);
  expect(embeddings[1]!.limit).toBeGreaterThan(embeddings[1]!.threshold);
});

test('FBNs that are asked for come in their order', async () => {
  const maps = [wave(1), wave(2), wave(3)];
  const both = [await embedding('one', maps), await embedding('other', maps.toReversed())];
  const { rows } = await compareFbns(both, spec({ fbns: [1, 0] }), quietContext() as never);
  expect(rows.map(([own, other]) => [own!.fbn, other!.fbn])).toEqual([
    [1, 1],
    [0, 2],
  ]);
});
