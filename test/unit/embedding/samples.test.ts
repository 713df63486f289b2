import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SampleReader, samplesInMemory, SumsOfSquares, type SampleSource } from '../../../src-main/embedding/samples';

/** Sources that enter into `events` when their reading begins and ends; the values are their number. */
function tracedSources(count: number, events: string[]): SampleSource[] {
  return Array.from({ length: count }, (_, i) => ({
    ...samplesInMemory(`run ${i}`, 1 + (i % 2), 2, new Float32Array(2 * (1 + (i % 2)))),
    load: async (into) => {
      events.push(`begin ${i}`);
      await sleep(2);
      into.fill(i);
      events.push(`end ${i}`);
    },
  }));
}

test('the next sample is being read while one is in use, and no further one', async () => {
  const events: string[] = [];
  for await (const { source, values } of new SampleReader(0).inOrder(tracedSources(4, events))) {
    events.push(`use ${source.name.slice(4)}`);
    const number = Number(source.name.slice(4));
    await sleep(6);
    // Still the same values although the next sample has been read meanwhile.
    expect([...values]).toEqual(Array(values.length).fill(number));
  }
  const at = (event: string) => events.indexOf(event);
  for (let i = 0; i < 3; i++) {
    expect(at(`begin ${i + 1}`)).toBeLessThan(at(`use ${i}`));
    if (i < 2) expect(at(`begin ${i + 2}`)).toBeGreaterThan(at(`use ${i}`));
  }
  expect(events.filter((event) => event.startsWith('use'))).toEqual(['use 0', 'use 1', 'use 2', 'use 3']);
});

test('samples within the memory limit are read once', async () => {
  const events: string[] = [];
  const sources = tracedSources(4, events);
  // Two runs of 8 and one of 16 bytes fit.
  const reader = new SampleReader(32);
  for (let epoch = 0; epoch < 3; epoch++)
    for await (const { source, values } of reader.inOrder(sources)) expect(values[0]).toBe(Number(source.name.slice(4)));
  const reads = sources.map((_, i) => events.filter((event) => event === `begin ${i}`).length);
  expect(reads).toEqual([1, 1, 1, 3]);
});

test('several samples are read ahead where asked for, and no buffer of one in use is written to', async () => {
  const events: string[] = [];
  const used: Float32Array[] = [];
  const reader = new SampleReader(0, 3, undefined, 2);
  for await (const { source, values } of reader.inOrder(tracedSources(9, events))) {
    const number = Number(source.name.slice(4));
    if (used.length === 0) expect(events.filter((event) => event.startsWith('begin'))).toHaveLength(3);
    used.push(values as Float32Array);
    await sleep(6);
    // The two before are still what they were, though two more are being read.
    for (const [i, earlier] of used.slice(-3).entries()) expect(earlier[0]).toBe(number - used.slice(-3).length + 1 + i);
  }
  expect(used).toHaveLength(9);
});

test('a reading that fails is thrown when its sample is asked for', async () => {
  const sources = tracedSources(3, []);
  const failing: SampleSource = { ...sources[1]!, load: () => Promise.reject(new Error('the disk is gone')) };
  const used: string[] = [];
  const all = async () => {
    for await (const { source } of new SampleReader(0).inOrder([sources[0]!, failing, sources[2]!])) used.push(source.name);
  };
  await expect(all()).rejects.toThrow('the disk is gone');
  expect(used).toEqual(['run 0']);
});

test('whoever stops early waits for the reading under way', async () => {
  const events: string[] = [];
  for await (const sample of new SampleReader(0).inOrder(tracedSources(3, events))) if (sample) break;
  expect(events).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1']);
});

test('sums of squares count the voxels that take part, in float64', () => {
  const values = new Uint16Array(new Float16Array([1, 2, 3, 4, 5, 6]).buffer);
  const source = samplesInMemory('run', 2, 3, values);
  expect(new SumsOfSquares(new Uint32Array()).of({ source, values })).toBe(91);
  expect(new SumsOfSquares(Uint32Array.of(1)).of({ source, values })).toBe(91 - 4 - 25);
  // A sum that is known is not computed again.
  expect(new SumsOfSquares(Uint32Array.of(1)).of({ source: { ...source, sumOfSquares: 100 }, values })).toBe(100 - 4 - 25);
});
