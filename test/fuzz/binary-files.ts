import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describeModel } from '../../src-main/cnn/describe-model';
import { readCheckpointInfo } from '../../src-main/cnn/checkpoint-info';
import { readModel } from '../../src-main/cnn/read-model';
import { openFramesFile, writeFramesFile } from '../../src-main/files/frames-file';
import { encodeNpy, readNpy, type NpyData } from '../../src-main/files/npy';
import { readNpz, writeNpz } from '../../src-main/files/npz';
import { openCheckpoint } from '../../src-main/files/open-checkpoint';
import { openRunFile, writeRunFile } from '../../src-main/files/run-file';
import { openSafetensors, writeSafetensors } from '../../src-main/files/safetensors';
import { readMask } from '../../src-main/fmri/mask';
import { readNiftiInfo } from '../../src-main/fmri/nifti/read';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { GraphBuilder } from '../../src-main/onnx/graph-builder';
import { encodeModel, type OnnxModel } from '../../src-main/onnx/model';
import { PickleWriter, writeCheckpoint, type CheckpointForm } from '../fixtures/checkpoint-writers';
import { editedBytes, editedTree } from './edits';
import type { Reader } from './one-case';

const folder = await mkdtemp(join(tmpdir(), 'syncact-fuzz-base-'));

/** A whole file, as the program or another writes it. */
async function whole(name: string, write: (path: string) => Promise<unknown>): Promise<Uint8Array> {
  const path = join(folder, name);
  await write(path);
  return readFileSync(path);
}

const grid = { shape: [3, 4, 2] as [number, number, number], affine: [4, 0, 0, -6, 0, 4, 0, -8, 0, 0, 4, -4, 0, 0, 0, 1] };
const image = (count: number, dataType: 'float32' | 'uint8' | 'int16') => (path: string) =>
  writeNifti(path, {
    ...{ grid, count, dataType, spaceCode: 4, ...(count > 1 && { trSeconds: 2 }) },
    volumes: Array.from({ length: count }, () => Float32Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 0 : 1))),
  });
const images = [
  await whole('a.nii', image(3, 'float32')),
  await whole('b.nii', image(1, 'int16')),
  await whole('m.nii', image(1, 'uint8')),
];
/** Every number of a NIfTI-1 header: dim, intent, datatype, bitpix, pixdim, vox_offset, slope, units, q- and sform, magic. */
const niftiFields = [0, ...range(40, 124, 2), ...range(252, 328, 2), 344];

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}

const plainNifti = editedBytes(fc.constantFrom(...images), niftiFields);
const nifti = fc.oneof(
  plainNifti,
  plainNifti.map((bytes) => gzipSync(bytes, { level: 1 })),
  editedBytes(fc.constantFrom(...images.map((bytes) => gzipSync(bytes)))),
);

const typed: NpyData[] = [
  Float32Array.of(1, NaN, 3, 4, 5, 6),
  Int16Array.of(1, 2, 3, 4, 5, 6),
  BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n),
];
const npyFiles = typed.map((data) => Buffer.concat(encodeNpy({ shape: [2, 3], data } as never)));
/** Headers made of what NumPy could have written and what it never would. */
const npyHeader = fc
  .record({
    descr: fc.constantFrom('<f4', '>f8', '|i1', '<i8', '|O', '<U5', '<f2', '<f16', "<f4', 'x': '", '|b1'),
    order: fc.constantFrom('False', 'True', 'None', '1'),
    shape: fc.constantFrom(
      '(6,)',
      '(2, 3)',
      '()',
      '(0,)',
      '(-6,)',
      '(9007199254740993,)',
      '(1, 1, 1, 1, 6)',
      '(6L,)',
      '6',
      '(2,3',
      '(99999999999, 99999999999)',
    ),
    version: fc.constantFrom(1, 1, 2, 3, 0, 4),
    extra: fc.constantFrom('', ' ', "'__proto__': 1, ", '('.repeat(200), '\n'),
    values: fc.nat(60),
  })
  .map(({ descr, order, shape, version, extra, values }) => {
    const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, ${extra}}\n`;
    const start = Buffer.alloc(version === 1 ? 10 : 12);
    Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]).copy(start);
    if (version === 1) start.writeUInt16LE(text.length, 8);
    else start.writeUInt32LE(text.length, 8);
    return Buffer.concat([start, Buffer.from(text), Buffer.alloc(values)]);
  });
const archives = [
  await whole('a.npz', (path) =>
    writeNpz(
      path,
      typed.map((data, i) => [`layer${i}`, { shape: [2, 3], data } as never] as const),
    ),
  ),
  await whole('c.npz', (path) =>
    writeNpz(path, [['zeros', { shape: [4000], data: new Float32Array(4000) }]], { compress: true }),
  ),
];

const tensors = [
  { name: 'conv1.weight', shape: [2, 3, 1, 1], data: Float32Array.from({ length: 6 }, (_, i) => i) },
  { name: 'bn1.num_batches_tracked', shape: [], data: BigInt64Array.of(3n) },
];
const checkpoints = await Promise.all(
  (['zip', 'legacy', 'safetensors'] as CheckpointForm[]).map((form) =>
    whole(`c.${form}`, (path) => writeCheckpoint(path, form, tensors)),
  ),
);
const safetensorsHeader = (length: number) => ({
  a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
  b: { dtype: 'I64', shape: [], data_offsets: [24, length] },
  __metadata__: { kind: 'made up' },
});
const safetensors = fc.tuple(editedTree(safetensorsHeader(32)), fc.constantFrom(32, 32, 32, 0, 31, 100)).map(([header, data]) => {
  const text = Buffer.from(JSON.stringify(header) ?? '');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(data)]);
});

/** Programs of pickle opcodes in any order, with arguments that fit and arguments that do not. */
const opcode = fc.oneof(
  fc.constantFrom(
    ...'()]}.taesuR0N2lbdtQ'.split(''),
    '\x85',
    '\x86',
    '\x87',
    '\x88',
    '\x89',
    '\x94',
    '\x93',
    '\x81',
    '\x8f',
    '\x90',
  ),
  fc.nat(255).map((index) => `h${String.fromCharCode(index % 6)}`),
  fc.nat(5).map((index) => `q${String.fromCharCode(index)}`),
  fc.constantFrom(
    'cos\nsystem\n',
    'ccollections\nOrderedDict\n',
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ctorch\nFloatStorage\n',
    'c__builtin__\neval\n',
  ),
  fc.constantFrom(
    'K\x05',
    'M\xff\xff',
    'J\xff\xff\xff\x7f',
    '\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f',
    '\x8b\xff\xff\xff\x7f',
    'G\x7f\xf0\0\0\0\0\0\0',
  ),
  fc.constantFrom(
    'X\x03\0\0\0abc',
    'X\xff\xff\xff\x7fabc',
    'U\x05abc',
    '\x8c\x09__proto__',
    'T\xff\xff\xff\xff',
    'B\x02\0\0\0ab',
    '\x95\xff\xff\xff\xff\xff\xff\xff\xff',
  ),
);
const pickles = fc.array(opcode, { maxLength: 60 }).map((program) => Buffer.from(`\x80\x02${program.join('')}.`, 'latin1'));
const legacyStart = new PickleWriter('bytes')
  .protocol()
  .raw(Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex'))
  .op('.')
  .protocol()
  .integer(1001)
  .op('.')
  .protocol()
  .op('}')
  .op('.')
  .bytes();
const legacy = pickles.map((program) => Buffer.concat([legacyStart, program]));

function smallCnn(): OnnxModel {
  const graph = new GraphBuilder('small');
  const x = graph.input('input', 'float', ['batch', 3, 'height', 'width']);
  const kernel = graph.constant(
    'conv.weight',
    [4, 3, 3, 3],
    Float32Array.from({ length: 108 }, (_, i) => i / 108),
  );
  const map = graph.node(
    'Conv',
    [x, kernel],
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    '/conv/Conv_output_0',
  );
  const sum = graph.node('Add', [graph.node('Relu', [map], {}), map], {});
  const pooled = graph.node('MaxPool', [sum], { kernel_shape: [2, 2], strides: [2, 2] });
  const mean = graph.node('ReduceMean', [pooled], { axes: [2, 3], keepdims: 0 });
  graph.output('output', mean, 'float', ['batch', 4]);
  return graph.model();
}
const model = smallCnn();
const external = structuredClone(model);
const weights = external.graph.initializer!.find(({ name }) => name === 'conv.weight')!;
delete weights.rawData;
Object.assign(weights, {
  dataLocation: 1,
  externalData: [
    { key: 'location', value: 'weights.bin' },
    { key: 'offset', value: '0' },
  ],
});
const onnx = fc.oneof(
  fc.oneof(editedTree(model, { keepKinds: true }), editedTree(external, { keepKinds: true })).map((tree) => {
    try {
      return encodeModel(tree as OnnxModel);
    } catch {
      // Not even the format can hold it.
      return Buffer.from(JSON.stringify(tree) ?? '');
    }
  }),
  editedBytes(fc.constant(encodeModel(model))),
);

const hash = 'a'.repeat(64);
const runFile = await whole('r.run', (path) =>
  writeRunFile(
    path,
    {
      time: 5,
      voxels: 7,
      dataType: 'float16',
      trSeconds: 1,
      grid,
      maskHash: hash,
      sourceHash: hash,
      invalidVoxels: [2],
      parameters: { detrend: true },
    },
    [new Float32Array(35).fill(0.5)],
  ),
);
const framesFile = await whole('f.frames', (path) =>
  writeFramesFile(
    path,
    { width: 4, height: 2, trSeconds: 1, offsetSeconds: 0, times: [0, 1, 2], sourceHash: hash, rule: 'last-frame-of-tr' },
    Array.from({ length: 3 }, () => new Uint8Array(24)),
  ),
);
const termMaps = await whole('t.safetensors', (path) =>
  writeSafetensors(path, [{ name: 'maps', dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }], { terms: '["a","b"]' }),
);

const readTensors = async (file: string) => {
  const checkpoint = await openCheckpoint(file);
  try {
    for (const name of checkpoint.tensors.keys()) await checkpoint.readBytes(name);
  } finally {
    await checkpoint.close();
  }
};

/** Readers of binary files, cheap enough for very many cases. */
export const binaryReaders: Reader[] = [
  {
    name: 'NIfTI',
    ending: '.nii',
    cases: nifti,
    short: 200,
    long: 100_000,
    read: (file) => readNiftiInfo(file, { verifyData: true }),
  },
  { name: 'masks', ending: '.nii.gz', cases: nifti, short: 200, long: 100_000, read: (file) => readMask(file) },
  {
    ...{ name: 'npy', ending: '.npy', short: 200, long: 100_000, read: readNpy },
    cases: fc.oneof(npyHeader, editedBytes(fc.constantFrom(...npyFiles), range(0, 20, 1))),
  },
  {
    name: 'npz',
    ending: '.npz',
    cases: editedBytes(fc.constantFrom(...archives)),
    short: 100,
    long: 100_000,
    read: (file) => readNpz(file),
  },
  {
    ...{ name: 'safetensors', ending: '.safetensors', short: 200, long: 100_000 },
    cases: fc.oneof(safetensors, editedBytes(fc.constantFrom(checkpoints[2]!, termMaps))),
    read: async (file) => {
      const opened = await openSafetensors(file);
      try {
        for (const name of opened.tensors.keys()) await opened.readBytes(name);
      } finally {
        await opened.close();
      }
    },
  },
  {
    name: 'PyTorch, zip',
    ending: '.pth',
    cases: editedBytes(fc.constant(checkpoints[0]!)),
    short: 100,
    long: 100_000,
    read: readTensors,
  },
  {
    ...{ name: 'PyTorch, legacy', ending: '.pth', short: 200, long: 100_000, read: readTensors },
    cases: fc.oneof(legacy, editedBytes(fc.constant(checkpoints[1]!))),
  },
  {
    ...{
      name: 'checkpoints of known networks',
      ending: '.pt',
      short: 100,
      long: 100_000,
      read: (file) => readCheckpointInfo(file),
    },
    cases: fc.oneof(safetensors, ...checkpoints.map((bytes) => editedBytes(fc.constant(bytes)))),
  },
  {
    name: 'ONNX',
    ending: '.onnx',
    cases: onnx,
    short: 200,
    long: 100_000,
    read: async (file) => describeModel(await readModel(file)),
  },
  {
    ...{
      name: 'run files',
      ending: '.run',
      cases: editedBytes(fc.constant(runFile), range(0, 12, 1)),
      short: 100,
      long: 100_000,
    },
    read: async (file) => {
      const run = await openRunFile(file);
      await run.readFloat32().finally(() => run.close());
    },
  },
  {
    ...{
      name: 'frames files',
      ending: '.frames',
      cases: editedBytes(fc.constant(framesFile), range(0, 12, 1)),
      short: 100,
      long: 100_000,
    },
    read: async (file) => {
      const frames = await openFramesFile(file);
      await frames.read(0, frames.count).finally(() => frames.close());
    },
  },
];
