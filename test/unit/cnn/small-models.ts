import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModel, type LoadedModel } from '../../../src-main/cnn/read-model';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { GraphBuilder, type AttributeValue } from '../../../src-main/onnx/graph-builder';
import { encodeModel, type OnnxModel } from '../../../src-main/onnx/model';
import type { Tensor } from '../../../src-preload/shared/domain/engine';

export const folder = mkdtempSync(join(tmpdir(), 'syncact-cnn-'));
let files = 0;

/** Numbers in [-1, 1) that only depend on the seed. */
export function uniform(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** GraphBuilder with the pieces that small CNNs are made of. */
export class SmallCnn extends GraphBuilder {
  /** Gives the node that made a value a name, as exporters do. */
  name(value: string, name: string): string {
    this.graph.node.find((node) => node.output.includes(value))!.name = name;
    return value;
  }

  convolution(
    x: string,
    size: { from: number; to: number; kernel?: number; stride?: number; group?: number; weights?: string },
    output?: string,
  ): string {
    const { from, to, kernel = 3, stride = 1, group = 1 } = size;
    const length = (to * from * kernel * kernel) / group;
    const name = size.weights ?? `weights_${this.graph.initializer.length}`;
    const weights = this.constant(name, [to, from / group, kernel, kernel], uniform(length, length));
    const pad = Math.floor(kernel / 2);
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad], group };
    return this.node('Conv', [x, weights], attributes, output);
  }

  pool(x: string): string {
    return this.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
  }

  op(type: string, ...inputs: string[]): string {
    return this.node(type, inputs);
  }

  with(type: string, inputs: string[], attributes: Record<string, AttributeValue>): string {
    return this.node(type, inputs, attributes);
  }

  /** Ends the graph with a global average, as classifiers do. */
  finish(x: string, channels: number): void {
    this.output('scores', this.node('Flatten', [this.node('GlobalAveragePool', [x])], { axis: 1 }), 'float', [
      'frames',
      channels,
    ]);
  }
}

/** Writes a model to a file and reads it back. */
export async function load(model: OnnxModel | GraphBuilder, opset?: number): Promise<LoadedModel> {
  const path = join(folder, `model-${files++}.onnx`);
  const content = model instanceof GraphBuilder ? model.model() : model;
  if (opset) content.opsetImport = [{ domain: '', version: opset }];
  writeFileSync(path, encodeModel(content));
  return readModel(path);
}

/** Runs bytes of a model on one input. */
export async function runModel(bytes: Uint8Array, input: Tensor): Promise<Record<string, Tensor>> {
  const session = await onnxruntimeEngine.createSession(bytes);
  try {
    return await session.run({ [session.inputNames[0]!]: input });
  } finally {
    await session.release();
  }
}

/** The values of a tensor inside a model, by making it an output. */
export async function valuesInside({ model }: LoadedModel, tensor: string, input: Tensor): Promise<Tensor> {
  const graph = { ...model.graph, output: [{ name: tensor, type: { tensorType: { elemType: 1 } } }] };
  return (await runModel(encodeModel({ ...model, graph }), input))[tensor]!;
}

/** The reduced feature maps [frames, filters] of a tensor [frames, filters, y, x]. */
export function reduceMaps({ dims, data }: Tensor, reducer: 'max' | 'mean' | 'norm2'): number[] {
  const maps = dims[0]! * dims[1]!;
  const size = data.length / maps;
  return Array.from({ length: maps }, (_, i) => {
    const map = [...(data as Float32Array).subarray(i * size, (i + 1) * size)];
    if (reducer === 'max') return Math.max(...map);
    if (reducer === 'mean') return map.reduce((a, b) => a + b, 0) / size;
    return Math.sqrt(map.reduce((a, b) => a + b * b, 0));
  });
}

/** Expects two series to agree to a share of the largest value. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-30);
  return Math.max(...Array.from(found, (value, i) => Math.abs(value - expected[i]!) / scale));
}
