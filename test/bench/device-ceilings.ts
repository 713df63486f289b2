import { madeUpNumbers } from '../../src-main/embedding/ceiling';
import { GraphBuilder } from '../../src-main/onnx/graph-builder';
import type { Device, Engine, Tensor } from '../../src-preload/shared/domain/engine';
import { milliseconds } from './benchmark';

export interface DeviceCeilings {
  /** Time in which a sample [time, voxels] travels to the device. */
  sampleThereMs: number;
  /** Time in which weights [2m, voxels] travel to the device, and back from it. */
  weightsThereMs: number;
  weightsBackMs: number;
  /** Time of the two large products of a sample, of numbers that are on the device already. */
  productsMs: number;
}

const MORE_PRODUCTS = 16;

/** What of a training step on a device nothing can spare it: the ways there and back, and the two large products. */
export async function measureCeilings(
  place: { engine: Engine; device: Device },
  { time, voxels, fbns, inFloat16 }: { time: number; voxels: number; fbns: number; inFloat16: boolean },
): Promise<DeviceCeilings> {
  const numbers = madeUpNumbers(time * voxels);
  const float16: Tensor = { type: 'float16', dims: [time, voxels], data: new Uint16Array(new Float16Array(numbers).buffer) };
  const sample: Tensor = { type: 'float32', dims: [time, voxels], data: numbers };
  const weights: Tensor = { type: 'float32', dims: [2 * fbns, voxels], data: madeUpNumbers(2 * fbns * voxels) };
  const row: Tensor = { type: 'float32', dims: [1, voxels], data: madeUpNumbers(voxels) };
  const fastest = async (graph: GraphBuilder, feeds: Record<string, Tensor>, into?: Tensor) => {
    const session = await place.engine.createSession(graph.encode(), { device: place.device });
    const run = () => session.run(feeds, into && { y: into });
    await run();
    const times: number[] = [];
    while (times.length < 5) times.push(await milliseconds(run));
    await session.release();
    return Math.min(...times);
  };
  const once = await fastest(products(sample.dims, weights.dims, 1), { x: sample, weights });
  const often = await fastest(products(sample.dims, weights.dims, 1 + MORE_PRODUCTS), { x: sample, weights });
  return {
    sampleThereMs: await fastest(firstRow(inFloat16 ? 'float16' : 'float', sample.dims), { x: inFloat16 ? float16 : sample }),
    weightsThereMs: await fastest(firstRow('float', weights.dims), { x: weights }),
    weightsBackMs: await fastest(repeatedRow(weights.dims), { x: row }, weights),
    productsMs: (often - once) / MORE_PRODUCTS,
  };
}

/** Everything goes there, one row comes back. */
function firstRow(type: 'float' | 'float16', dims: readonly number[]): GraphBuilder {
  const graph = new GraphBuilder('there');
  const x = graph.input('x', type, dims);
  graph.output('y', first(graph, x), type, [1, dims[1]!]);
  return graph;
}

/** One row goes there, many come back. */
function repeatedRow(dims: readonly number[]): GraphBuilder {
  const graph = new GraphBuilder('back');
  const x = graph.input('x', 'float', [1, dims[1]!]);
  graph.output('y', graph.node('Expand', [x, graph.integers(dims)]), 'float', dims);
  return graph;
}

/** The two products of a sample, one pair after the other, each from what the one before has given. */
function products(sample: readonly number[], weights: readonly number[], pairs: number): GraphBuilder {
  const graph = new GraphBuilder('products');
  const x = graph.input('x', 'float', sample);
  let y = graph.input('weights', 'float', weights);
  for (let i = 0; i < pairs; i++) {
    const left = graph.node('Gemm', [x, y], { transB: 1, alpha: { float: 1e-3 } });
    y = graph.node('Gemm', [left, x], { transA: 1, alpha: { float: 1e-3 } });
  }
  graph.output('y', first(graph, y), 'float', [1, weights[1]!]);
  return graph;
}

function first(graph: GraphBuilder, value: string): string {
  return graph.node('Slice', [value, graph.integers([0]), graph.integers([1]), graph.integers([0])]);
}
