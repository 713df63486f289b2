import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRunFile, writeRunFile, type RunDescription } from '../../../src-main/files/run-file';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { MNI_4MM } from '../../../src-preload/shared/domain/grid';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

const values = Float32Array.from({ length: 5 * 7 }, (_, i) => Math.sin(i) * 2);

function describeRun(dataType: 'float16' | 'float32'): RunDescription {
  return {
    time: 5,
    voxels: 7,
    dataType,
    trSeconds: 1.5,
    grid: MNI_4MM,
    maskHash: 'a'.repeat(64),
    sourceHash: 'b'.repeat(64),
    invalidVoxels: [1, 6],
    parameters: { detrend: true, note: 'smoothing of 6 mm – µ' },
  };
}

async function writeExample(name: string, dataType: 'float16' | 'float32' = 'float32'): Promise<string> {
  const path = join(folder, name);
  await writeRunFile(path, describeRun(dataType), [values.subarray(0, 14), values.subarray(14)]);
  return path;
}

test.each(['float16', 'float32'] as const)('%s values come back as they were stored', async (dataType) => {
  const run = await openRunFile(await writeExample(`back-${dataType}.run`, dataType));
  const stored = dataType === 'float16' ? new Float32Array(new Float16Array(values)) : values;
  expect(await run.readFloat32()).toEqual(stored);
  expect(await run.readFloat32(2, 2)).toEqual(stored.slice(14, 28));
  const { parameters, sumOfSquares } = run.header;
  expect(parameters).toEqual(describeRun(dataType).parameters);
  expect(sumOfSquares).toBeCloseTo(
    stored.reduce((sum, value) => sum + value * value, 0),
    10,
  );
  await run.close();
});

test('float16 is handed out as bits, into the memory given', async () => {
  const run = await openRunFile(await writeExample('bits.run', 'float16'));
  const into = new Uint16Array(14);
  expect(await run.readRaw(into, 3)).toBe(into);
  expect(into).toEqual(new Uint16Array(new Float16Array(values).buffer).slice(21));
  await expect(run.readRaw(new Float32Array(35))).rejects.toThrow(RangeError);
  await expect(run.readRaw(undefined, 4, 2)).rejects.toThrow(RangeError);
  await run.close();
});

test('the values start at a multiple of 64 bytes and end the file', async () => {
  const bytes = await readFile(await writeExample('layout.run'));
  const offset = bytes.byteLength - values.byteLength;
  expect(offset % 64).toBe(0);
  expect(bytes.toString('latin1', 0, 8)).toBe('SYNCRUN1');
  expect(bytes.readFloatLE(offset + 4 * 11)).toBe(values[11]);
});

test('truncated, lengthened, foreign and tampered files are refused by name', async () => {
  const bytes = await readFile(await writeExample('good.run'));
  const bad: Record<string, Buffer> = {
    truncated: bytes.subarray(0, bytes.length - 1),
    lengthened: Buffer.concat([bytes, Buffer.alloc(1)]),
    short: bytes.subarray(0, 6),
    foreign: Buffer.concat([Buffer.from('NOTARUN1'), bytes.subarray(8)]),
    longHeader: Buffer.concat([bytes.subarray(0, 8), Buffer.from([255, 255, 255, 255]), bytes.subarray(12)]),
    notJson: Buffer.from(bytes.toString('latin1').replace('{', '['), 'latin1'),
    negativeTime: Buffer.from(bytes.toString('latin1').replace('"time":5', '"time":0'), 'latin1'),
    voxelOutside: Buffer.from(bytes.toString('latin1').replace('[1,6]', '[1,7]'), 'latin1'),
  };
  for (const [name, content] of Object.entries(bad)) {
    const path = join(folder, `${name}.run`);
    await writeFile(path, content);
    const caught = await openRunFile(path).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(caught, name).toBeInstanceOf(UserError);
    expect((caught as UserError).message).toContain(path);
  }
});

test('a wrong number of rows or a value that is not finite leaves nothing behind', async () => {
  const before = await readdir(folder);
  const path = join(folder, 'never.run');
  await expect(writeRunFile(path, describeRun('float32'), [values.subarray(0, 28)])).rejects.toThrow('28 values');
  await expect(writeRunFile(path, describeRun('float32'), [values.map(() => NaN)])).rejects.toThrow('not finite');
  await expect(writeRunFile(path, describeRun('float16'), [values.map(() => 1e6)])).rejects.toThrow('not finite');
  expect(await readdir(folder)).toEqual(before);
});
