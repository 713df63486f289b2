import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { matchCheckpoint } from '../../../../src-main/cnn/match-checkpoint';
import { architectures } from '../../../../src-main/cnn/architectures';
import { parametersOf } from '../../../../src-main/cnn/architectures/architecture';
import { openCheckpoint } from '../../../../src-main/files/open-checkpoint';
import { readPickle } from '../../../../src-main/files/torch/read-pickle';
import { makeContiguous } from '../../../../src-main/files/torch/strided';
import { valuesOf } from '../../../../src-main/files/torch/tensor-types';
import { TorchMeaning } from '../../../../src-main/files/torch/torch-tensors';
import { PickleWriter, writeCheckpoint, type WrittenTensor } from '../../../fixtures/checkpoint-writers';

const folder = mkdtempSync(join(tmpdir(), 'syncact-torch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (ending: string) => join(folder, `${files++}.${ending}`);
const read = (pickle: PickleWriter) => readPickle(pickle.bytes(), 0, new TorchMeaning()).value;

/** A zip checkpoint around a pickle. */
function zip(pickle: PickleWriter, others: Record<string, Uint8Array> = {}): string {
  const path = newPath('pth');
  writeFileSync(path, zipSync({ 'a/data.pkl': pickle.bytes(), ...others }, { level: 0 }));
  return path;
}

test('a strided view becomes row-major', () => {
  const bytes = Float32Array.from([0, 1, 2, 3, 4, 5]).buffer;
  expect([...new Float32Array(makeContiguous(bytes, 4, [3, 2], [1, 3]))]).toEqual([0, 3, 1, 4, 2, 5]);
  expect([...new Float32Array(makeContiguous(bytes, 4, [2, 2], [0, 2]))]).toEqual([0, 2, 0, 2]);
  expect(makeContiguous(bytes, 4, [1, 6], [99, 1])).toBe(bytes);
});

test('bfloat16 and halves are exact', () => {
  expect([...(valuesOf('bfloat16', Uint16Array.from([0x3f80, 0xc040, 0x7f80]).buffer) as Float32Array)]).toEqual([
    1,
    -3,
    Infinity,
  ]);
  expect([...(valuesOf('float16', Uint16Array.from([0x3c00, 0x0001]).buffer) as Float16Array)]).toEqual([1, 2 ** -24]);
});

test('whole numbers of every length, and text of Python 2', () => {
  const numbers = new PickleWriter('bytes')
    .protocol()
    .mark()
    .raw('\x8a\x01\xff')
    .raw('\x8a\x00')
    .raw('I12\n')
    .raw('L-5L\n')
    .text('\xe9');
  expect(read(numbers.op('l').op('.'))).toEqual([-1, 0, 12, -5, 'é']);
});

test.each([
  ['a name of the system', (pickle: PickleWriter) => pickle.global('posix', 'system'), /posix\.system/],
  [
    'a torch function that loads',
    (pickle: PickleWriter) => pickle.global('torch.storage', '_load_from_bytes'),
    /_load_from_bytes/,
  ],
  ['a name of a name', (pickle: PickleWriter) => pickle.global('torch', '_utils.__builtins__'), /__builtins__/],
  ['a name by the stack', (pickle: PickleWriter) => pickle.text('os').text('system').op('\x93'), /os\.system/],
  ['an instance', (pickle: PickleWriter) => pickle.mark().raw('ios\nsystem\n'), /INST/],
  ['a new object', (pickle: PickleWriter) => pickle.global('torch', 'Size').op(')').op('\x81'), /NEWOBJ/],
  ['a call of a call', (pickle: PickleWriter) => pickle.emptyOrderedDict().op(')').op('R'), /a call of something/],
  ['attributes of a list', (pickle: PickleWriter) => pickle.op(']').op('}').op('b'), /attributes/],
])('refused: %s', (_, write, message) => {
  expect(() => read(write(new PickleWriter('unicode').protocol()).op('.'))).toThrow(message);
});

test('nesting and sizes are bounded', () => {
  const nested = (depth: number) => {
    const pickle = new PickleWriter('unicode').protocol().op(']');
    for (let i = 0; i < depth; i++) pickle.op('\x85');
    return pickle.op('.');
  };
  expect(() => read(nested(20))).not.toThrow();
  expect(() => read(nested(200))).toThrow(/nested/);
  const long = new PickleWriter('unicode')
    .protocol()
    .raw('X')
    .raw(Uint8Array.of(255, 255, 255, 127));
  expect(() => read(long.op('.'))).toThrow(/too early/);
  // A list of pairs recalled again and again must not make dicts without end.
  const bomb = new PickleWriter('unicode').protocol().global('collections', 'OrderedDict').op(']').raw('q\x09').mark();
  for (let i = 0; i < 2000; i++) bomb.op('K').raw(Uint8Array.of(1)).op('K').raw(Uint8Array.of(1)).op('\x86');
  bomb.op('e').op('0');
  for (let i = 0; i < 2000; i++) bomb.raw('h\x00h\x09').op('\x85').op('R').op('0');
  expect(() => read(bomb.op('N').op('.'))).toThrow(/more than 1000000 entries/);
});

test('tensors that reach beyond their data, and other archives', async () => {
  const tensor = { name: 'w', shape: [1000], data: new Float32Array(2) };
  const beyond = new PickleWriter('unicode').protocol().op('}').mark().text('w').tensor(tensor, '0').op('u').op('.');
  await expect(openCheckpoint(zip(beyond, { 'a/data/0': new Uint8Array(8) }))).rejects.toThrow(/reaches beyond its 2 values/);
  const whole = () =>
    new PickleWriter('unicode')
      .protocol()
      .op('}')
      .mark()
      .text('w')
      .tensor({ ...tensor, shape: [2] }, '0')
      .op('u')
      .op('.');
  await expect(openCheckpoint(zip(whole()))).rejects.toThrow(/no data for "w"/);
  await expect(openCheckpoint(zip(whole(), { 'a/data/0': new Uint8Array(4) }))).rejects.toThrow(/4 bytes for "w", which needs 8/);
  await expect(openCheckpoint(zip(whole(), { 'a/constants.pkl': new Uint8Array(1) }))).rejects.toThrow(/TorchScript/);
  await expect(openCheckpoint(zip(whole(), { 'a/byteorder': Buffer.from('big') }))).rejects.toThrow(/byte order "big"/);
  await expect(openCheckpoint(zip(new PickleWriter('unicode').protocol().op('N').op('.')))).rejects.toThrow(/holds no weights/);
  const other = newPath('zip');
  writeFileSync(other, zipSync({ 'word/document.xml': new Uint8Array(3) }));
  await expect(openCheckpoint(other)).rejects.toThrow(/no PyTorch checkpoint.*word\/document\.xml/);
});

/** A state dict of zeros with an architecture's names, spelt as a test likes. */
function stateDict(name: string, spell: (name: string) => string, classes = 365): WrittenTensor[] {
  const architecture = architectures.find((one) => one.name === name)!;
  return [...parametersOf(architecture)].map(([parameter, { shape, countsClasses }]) => {
    const sizes = countsClasses ? [classes, ...shape.slice(1)] : shape;
    return { name: spell(parameter), shape: sizes, data: new Float32Array(sizes.reduce((a, b) => a * b, 1)) };
  });
}

async function match(tensors: readonly WrittenTensor[], wanted?: string) {
  const path = newPath('safetensors');
  await writeCheckpoint(path, 'safetensors', tensors);
  const checkpoint = await openCheckpoint(path);
  try {
    const { architecture, classes } = matchCheckpoint(checkpoint, architectures, wanted);
    return `${architecture.name} ${classes}`;
  } finally {
    await checkpoint.close();
    rmSync(path);
  }
}

test('recognised through wrappers of the whole or a part, old names, other heads and none', async () => {
  const shuffle = (spell: (name: string) => string, classes?: number) => stateDict('shufflenet_v2_x1_0', spell, classes);
  expect(await match(shuffle((name) => `module.${name}`))).toBe('shufflenet_v2_x1_0 365');
  expect(await match(shuffle((name) => `model.${name}`, 7))).toBe('shufflenet_v2_x1_0 7');
  expect(await match(shuffle((name) => name.replace(/^stage(\d)\./, 'stage$1.module.')))).toBe('shufflenet_v2_x1_0 365');
  expect(await match(shuffle((name) => name).filter(({ name }) => !name.startsWith('fc.')))).toBe('shufflenet_v2_x1_0 null');
  const old = (name: string) => name.replace(/(denselayer\d+\.(?:norm|conv))([12]\.)/, '$1.$2');
  expect(await match(stateDict('densenet161', old))).toBe('densenet161 365');
});

test('what does not fit is named: missing, unexpected, of another shape', async () => {
  const tensors = stateDict('shufflenet_v2_x1_0', (name) => name);
  const changed = tensors.map((tensor) =>
    tensor.name === 'conv5.0.weight' ? { ...tensor, shape: [1024, 464, 1], data: tensor.data } : tensor,
  );
  await expect(match(changed)).rejects.toThrow(
    /nearest is shufflenet_v2_x1_0.*conv5\.0\.weight \[1024, 464, 1\] for \[1024, 464, 1, 1\]/,
  );
  await expect(match(tensors.slice(1))).rejects.toThrow(/missing: conv1\.0\.weight/);
  const extra = { name: 'attention.weight', shape: [1], data: new Float32Array(1) };
  await expect(match([...tensors, extra])).rejects.toThrow(/unexpected: attention\.weight/);
  await expect(match(tensors, 'resnet18')).rejects.toThrow(/is no resnet18.*missing: conv1\.weight/);
  await expect(match(tensors, 'resnet19')).rejects.toThrow(/no bundled definition of "resnet19".*alexnet, vgg16/);
  await expect(match([extra])).rejects.toThrow(/no bundled architecture fits.*1 tensors: attention\.weight/);
});
