import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTaps } from '../../src-main/cnn/add-taps';
import { architectures } from '../../src-main/cnn/architectures';
import { buildModel, weightsOf } from '../../src-main/cnn/build-model';
import { describeModel } from '../../src-main/cnn/describe-model';
import { matchCheckpoint } from '../../src-main/cnn/match-checkpoint';
import { readModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { hashFile } from '../../src-main/files/hash';
import { openCheckpoint } from '../../src-main/files/open-checkpoint';
import { encodeModel } from '../../src-main/onnx/model';
import type { Tensor } from '../../src-preload/shared/domain/engine';
import { writeCheckpoint, type CheckpointForm, type WrittenTensor } from '../fixtures/checkpoint-writers';
import { referenceJson, referencePath } from './reference-folder';

interface Reference {
  seed: string;
  input: number[];
  gain: number;
  constructor: { arch: string };
  parameters: [name: string, shape: number[]][];
  taps: Record<string, { featureMap: number[]; max: number[] }>;
  logits: number[];
}

const TOLERANCE = 1e-3;
const folder = mkdtempSync(join(tmpdir(), 'syncact-reference-cnn-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** u_i in [-1, 1): mulberry32 seeded with fnv1a32 of a key. */
function uniform(key: string, length: number): Float64Array {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  let state = hash >>> 0;
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    values[i] = (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 2 - 1;
  }
  return values;
}

const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

/** The state dict that both sides make by the recipe of the reference's README. */
function makeStateDict({ seed, gain, parameters }: Reference): WrittenTensor[] {
  return parameters.map(([name, shape]): WrittenTensor => {
    if (name.endsWith('num_batches_tracked')) return { name, shape, data: BigInt64Array.of(0n) };
    const values = uniform(`${seed}:${name}`, product(shape));
    const scale = Math.sqrt(3 / product(shape.slice(1))) * gain;
    const [centre, spread] = centreAndSpread(name, shape.length > 1 ? scale : undefined);
    const data = new Float32Array(values.length);
    for (let i = 0; i < data.length; i++) data[i] = centre + spread * values[i]!;
    return { name, shape, data };
  });
}

function centreAndSpread(name: string, scale: number | undefined): [number, number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name.endsWith('running_mean') || name.endsWith('bias')) return [0, 0.1];
  return scale === undefined ? [1, 0.1] : [0, scale];
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  const scale = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...expected.map((value, i) => Math.abs(found[i]! - value)));
  expect(worst / scale, what).toBeLessThanOrEqual(TOLERANCE);
}

async function run(bytes: Uint8Array, input: Tensor): Promise<Record<string, Tensor>> {
  const session = await onnxruntimeEngine.createSession(bytes);
  try {
    return await session.run({ [session.inputNames[0]!]: input });
  } finally {
    await session.release();
  }
}

/** Builds the ONNX model from a state dict written in one of the three forms. @returns its path */
async function build(tensors: readonly WrittenTensor[], form: CheckpointForm): Promise<string> {
  const [source, target] = [join(folder, `weights.${form}`), join(folder, `${form}.onnx`)];
  await writeCheckpoint(source, form, tensors);
  const checkpoint = await openCheckpoint(source);
  try {
    const match = matchCheckpoint(checkpoint, architectures);
    await buildModel(target, match.architecture, weightsOf(checkpoint, match));
  } finally {
    await checkpoint.close();
    rmSync(source);
  }
  return target;
}

describe.each(readdirSync(referencePath('cnn')))('%s', (file) => {
  const reference = referenceJson<Reference>('cnn', file);
  let tensors: WrittenTensor[] = [];
  let hash = '';
  beforeAll(() => void (tensors = makeStateDict(reference)), 300_000);
  afterAll(() => void (tensors = []));

  test('every tap and the scores as torchvision, from a PyTorch zip', async () => {
    const values = uniform(`${reference.seed}:input`, product(reference.input));
    const input: Tensor = { type: 'float32', dims: reference.input, data: Float32Array.from(values) };
    const path = await build(tensors, 'zip');
    const model = await readModel(path);
    hash = model.hash;
    rmSync(path);
    expect(model.model.graph.name).toBe(reference.constructor.arch);
    const layers = selectLayers(describeModel(model), Object.keys(reference.taps));
    expect(layers).toHaveLength(Object.keys(reference.taps).length);
    const maxima = await run(addTaps(model, layers, 'max'), input);
    for (const { name, aliases, filters } of layers) {
      const { featureMap, max } = Object.entries(reference.taps).find(([tap]) => tap === name || aliases.includes(tap))![1];
      expect(filters, name).toBe(featureMap[1]);
      expectClose(maxima[name]!.data as Float32Array, max, name);
    }
    const scores = (await run(encodeModel(model.model), input)).scores!;
    expectClose(scores.data as Float32Array, reference.logits, 'scores');
  }, 300_000);

  test.each(['legacy', 'safetensors'] as const)(
    'the same file, to the last byte, from %s',
    async (form) => {
      const path = await build(tensors, form);
      expect(await hashFile(path)).toBe(hash);
      rmSync(path);
    },
    300_000,
  );
});
