import type { Device, Engine, EngineSession, Tensor } from '../../../src-preload/shared/domain/engine';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { GraphBuilder } from '../../onnx/graph-builder';

/** Products of wide matrices [components, voxels] on an engine; call it in a compute process only. */
export class Algebra {
  private readonly sessions = new Map<string, Promise<EngineSession>>();

  constructor(
    private readonly engine: Engine,
    private readonly place: { device?: Device; threads?: number } = {},
  ) {}

  /** left · right */
  multiply(left: Matrix, right: Matrix): Promise<Matrix> {
    return this.run('product', {}, left, right, left.rows, right.columns);
  }

  /** left · rightᵀ */
  multiplyTransposed(left: Matrix, right: Matrix): Promise<Matrix> {
    return this.run('product-transposed', { transB: 1 }, left, right, left.rows, right.rows);
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
    this.sessions.clear();
  }

  private async run(name: string, attributes: { transB?: 1 }, left: Matrix, right: Matrix, rows: number, columns: number) {
    let session = this.sessions.get(name);
    if (!session) {
      const graph = new GraphBuilder(name);
      const inputs = [graph.input('left', 'float', ['a', 'b']), graph.input('right', 'float', ['c', 'd'])];
      graph.output('product', graph.node('Gemm', inputs, attributes), 'float', ['e', 'f']);
      session = this.engine.createSession(graph.encode(), { ...this.place, idleThreads: 'sleep' });
      this.sessions.set(name, session);
    }
    const { product } = await (await session).run({ left: toTensor(left), right: toTensor(right) });
    return { rows, columns, data: product!.data as Float32Array };
  }
}

function toTensor({ rows, columns, data }: Matrix): Tensor {
  return { type: 'float32', dims: [rows, columns], data };
}
