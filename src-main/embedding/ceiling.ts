import type { Device, Engine, EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import { GraphBuilder } from '../onnx/graph-builder';
import { Generator } from './generator';

/*
 * What a training could come to at most: the two large products of a sample (DESIGN section 5) and nothing else, in float32, in
 * memory that is there already. Each runs in a session of its own as the engine sets it up by default.
 */

export interface ProductSizes {
  time: number;
  voxels: number;
  fbns: number;
}

/** The two products, each as often as it is called. */
export interface BareProducts {
  /** S Θᵀ [T, 2m] */
  first(): Promise<unknown>;
  /** Gᵀ S [2m, N] */
  second(): Promise<unknown>;
  release(): Promise<void>;
}

export interface ProductPlace {
  engine: Engine;
  device: Device;
  threads?: number | undefined;
}

/** Sets up both products on made-up numbers. */
export async function bareProducts(place: ProductPlace, { time, voxels, fbns }: ProductSizes): Promise<BareProducts> {
  const rows = 2 * fbns;
  const first = await productSession(place, 'transB', [time, voxels], [rows, voxels], [time, rows]);
  const second = await productSession(place, 'transA', [time, rows], [time, voxels], [rows, voxels]);
  const sample = tensor([time, voxels], madeUpNumbers(time * voxels));
  const inputs = {
    first: { a: sample, b: tensor([rows, voxels], madeUpNumbers(rows * voxels)) },
    second: { a: tensor([time, rows], madeUpNumbers(time * rows)), b: sample },
  };
  const outputs = {
    first: { y: tensor([time, rows], new Float32Array(time * rows)) },
    second: { y: tensor([rows, voxels], new Float32Array(rows * voxels)) },
  };
  return {
    first: () => first.run(inputs.first, outputs.first),
    second: () => second.run(inputs.second, outputs.second),
    async release() {
      await first.release();
      await second.release();
    },
  };
}

const MOST_ROUNDS = 4;
const ENOUGH_SECONDS = 0.5;

/** Samples per second that the two products alone allow: the fastest of a few rounds, after one that is not counted. */
export async function measureCeiling(place: ProductPlace, sizes: ProductSizes): Promise<number> {
  const products = await bareProducts(place, sizes);
  const seconds = async (product: () => Promise<unknown>) => {
    const taken: number[] = [];
    await product();
    while (taken.length < MOST_ROUNDS && taken.reduce((sum, one) => sum + one, 0) < ENOUGH_SECONDS) {
      const start = performance.now();
      await product();
      taken.push((performance.now() - start) / 1000);
    }
    return Math.min(...taken);
  };
  try {
    return 1 / ((await seconds(products.first)) + (await seconds(products.second)));
  } finally {
    await products.release();
  }
}

/** Numbers that repeat after a while, since drawing them all would take longer than the products. */
export function madeUpNumbers(length: number): Float32Array<ArrayBuffer> {
  const generator = Generator.fromSeed(1);
  const drawn = Float32Array.from({ length: Math.min(length, 65_537) }, () => generator.nextSymmetric());
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += drawn.length) values.set(drawn.subarray(0, length - i), i);
  return values;
}

type Dims = [number, number];

function productSession(
  { engine, device, threads }: ProductPlace,
  transposed: 'transA' | 'transB',
  a: Dims,
  b: Dims,
  y: Dims,
): Promise<EngineSession> {
  const graph = new GraphBuilder('product');
  const inputs = [graph.input('a', 'float', a), graph.input('b', 'float', b)];
  graph.output('y', graph.node('Gemm', inputs, { [transposed]: 1 }, 'y'), 'float', y);
  return engine.createSession(graph.encode(), { device, ...(threads !== undefined && { threads }) });
}

function tensor(dims: Dims, data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}
