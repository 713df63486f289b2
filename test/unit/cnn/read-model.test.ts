import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '../../../src-main/cnn/read-model';
import { decodeModel, encodeModel } from '../../../src-main/onnx/model';
import { GraphBuilder } from '../../../src-main/onnx/graph-builder';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { folder, load, runModel, SmallCnn, uniform } from './small-models';

async function refusal(path: string): Promise<string> {
  const caught = await readModel(path).catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(UserError);
  expect((caught as Error).message).not.toContain('\n');
  return (caught as Error).message;
}

test.each<[string, Buffer | string, RegExp]>([
  ['text.onnx', 'this is no model\n', /a text file/],
  ['empty.onnx', '', /an empty file/],
  ['zip.onnx', 'PK\x03\x04rest', /zip archive, such as a PyTorch checkpoint.*--arch/],
  ['pickle.onnx', Buffer.from([0x80, 2, 0x8a, 10, 0x6c]), /Python pickle/],
  ['h5.onnx', Buffer.from('\x89HDF\r\n', 'latin1'), /HDF5/],
  ['safetensors.onnx', Buffer.concat([Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"a":1}')]), /safetensors/],
  ['lfs.onnx', 'version https://git-lfs.github.com/spec/v1\n', /Git LFS pointer/],
  ['noise.onnx', Buffer.from(Uint8Array.from(uniform(400), (value) => value * 127 + 128)), /not a model/],
])('%s is told for what it is', async (name, content, message) => {
  writeFileSync(join(folder, name), content);
  expect(await refusal(join(folder, name))).toMatch(message);
});

test('a folder, a missing file and a truncated model are refused', async () => {
  expect(await refusal(folder)).toMatch(/a folder/);
  await expect(readModel(join(folder, 'missing.onnx'))).rejects.toMatchObject({ code: 'ENOENT' });
  const cnn = new SmallCnn('cut');
  cnn.finish(cnn.convolution(cnn.input('x', 'float', [1, 3, 8, 8]), { from: 3, to: 4 }), 4);
  const bytes = cnn.encode();
  writeFileSync(join(folder, 'cut.onnx'), bytes.subarray(0, bytes.length - 100));
  expect(await refusal(join(folder, 'cut.onnx'))).toMatch(/cut short/);
});

test('"to the end", the largest int64, survives', async () => {
  const graph = new GraphBuilder('slice');
  const x = graph.input('x', 'float', [1, 3, 4, 4]);
  graph.output('y', graph.node('Slice', [x], { axes: [2], starts: [1], ends: [2 ** 53] }), 'float', [1, 3, 3, 4]);
  const model = graph.model();
  model.graph.node[0]!.attribute!.find(({ name }) => name === 'ends')!.ints = [2 ** 63];
  const loaded = await load(model, 9);
  const input = { type: 'float32', dims: [1, 3, 4, 4], data: uniform(48) } as const;
  expect((await runModel(encodeModel(loaded.model), input)).y!.dims).toEqual([1, 3, 3, 4]);
});

/** A model whose weights lie in another file; `change` edits where it says they are. */
function external(name: string, entries: Record<string, string>): string {
  const cnn = new SmallCnn('external');
  const y = cnn.convolution(cnn.input('x', 'float', [1, 3, 4, 4]), { from: 3, to: 2, kernel: 1, weights: 'w' });
  cnn.output('y', y, 'float', [1, 2, 4, 4]);
  const model = cnn.model();
  const weights = model.graph.initializer!.find((tensor) => tensor.name === 'w')!;
  delete weights.rawData;
  weights.dataLocation = 1;
  weights.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  const path = join(folder, 'models', name);
  writeFileSync(path, encodeModel(model));
  return path;
}

mkdirSync(join(folder, 'models', 'weights'), { recursive: true });
const weights = new Uint8Array(uniform(10, 5).buffer);
writeFileSync(join(folder, 'models', 'weights.bin'), weights);
writeFileSync(join(folder, 'models', 'weights', 'inner.bin'), weights);
writeFileSync(join(folder, 'secret.bin'), weights);

test('weights in a file beside the model are read at their offset and length', async () => {
  const path = external('beside.onnx', { location: 'weights.bin', offset: '16', length: '24' });
  const { model, hash } = await readModel(path);
  expect(model.graph.initializer![0]).toMatchObject({ rawData: Buffer.from(weights.subarray(16, 40)) });
  expect(decodeModel(encodeModel(model)).graph.initializer![0]!.dataLocation).toBeUndefined();
  const inner = await readModel(external('inner.onnx', { location: 'weights/inner.bin' }));
  expect(inner.model.graph.initializer![0]!.rawData).toEqual(Buffer.from(weights.subarray(0, 24)));
  writeFileSync(
    join(folder, 'models', 'weights.bin'),
    Uint8Array.from(weights, (byte) => byte ^ 1),
  );
  expect((await readModel(path)).hash).not.toBe(hash);
});

test.each<[string, Record<string, string>, RegExp]>([
  ['an absolute path', { location: join(folder, 'models', 'weights.bin') }, /not inside/],
  ['an absolute Windows path', { location: 'C:\\secret.bin' }, /not inside/],
  ['a parent folder', { location: '../secret.bin' }, /leaves the model's folder/],
  ['a hidden parent folder', { location: 'weights/../../secret.bin' }, /leaves the model's folder/],
  ['a Windows parent folder', { location: '..\\secret.bin' }, /leaves the model's folder/],
  ['a link out of the folder', { location: 'link.bin' }, /link "link.bin" that leads out/],
  ['a link to a folder outside', { location: 'up/secret.bin' }, /leads out/],
  ['a missing file', { location: 'missing.bin' }, /no file "missing.bin"/],
  ['no location', {}, /not inside/],
  ['a folder', { location: 'weights' }, /which is no file/],
  ['a named pipe', { location: 'pipe' }, /which is no file/],
  ['a file too short', { location: 'weights.bin', offset: '20' }, /with 40 bytes where 44 are needed/],
  ['a negative offset', { location: 'weights.bin', offset: '-4' }, /offset "-4"/],
  ['a wrong length', { location: 'weights.bin', length: '8' }, /8 bytes for 24 bytes of weights/],
  ['a length that is no number', { location: 'weights.bin', length: 'all' }, /all bytes/],
])('weights at %s are refused', async (_, entries, message) => {
  for (const [link, target] of [
    ['link.bin', join(folder, 'secret.bin')],
    ['up', folder],
  ] as const) {
    try {
      symlinkSync(target, join(folder, 'models', link));
    } catch {
      // Made by an earlier case.
    }
  }
  spawnSync('mkfifo', [join(folder, 'models', 'pipe')]);
  expect(await refusal(external('hostile.onnx', entries))).toMatch(message);
});
