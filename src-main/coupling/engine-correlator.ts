import type { Engine } from '../../src-preload/shared/domain/engine';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { GraphBuilder } from '../onnx/graph-builder';
import { toTensor, transposed } from './engine-tensors';
import type { Correlator } from './product';

/**
 * r of many series with the same few, with mean and length of the many taken on the engine too: in JavaScript that costs three times
 * the product itself.
 * @param x unit series, float32 [x series, time]; a constant of the graph, which the engine packs once
 */
export async function createCorrelator(
  engine: Engine,
  x: Matrix,
  options: Parameters<Engine['createSession']>[1],
): Promise<Correlator> {
  const session = await engine.createSession(correlationGraph(x), options);
  let buffer = new Float32Array(0);
  return {
    async with(y) {
      const size = x.rows * y.rows;
      if (buffer.length < size) buffer = new Float32Array(size);
      const r = buffer.subarray(0, size);
      const fetches = { r: toTensor({ rows: x.rows, columns: y.rows, data: r }), mean: null, squares: null };
      const { mean, squares } = await session.run({ y: toTensor(y) }, fetches);
      return { r, mean: mean!.data as Float32Array, squares: squares!.data as Float32Array };
    },
    release: () => session.release(),
  };
}

/** r = clip((y − ȳ) xᵀ / ‖y − ȳ‖)ᵀ. */
function correlationGraph(x: Matrix): Uint8Array {
  const graph = new GraphBuilder('series-correlation');
  const y = graph.input('y', 'float', ['series', x.columns]);
  const time = graph.integers([1]);
  const mean = graph.node('ReduceMean', [y, time], { keepdims: 1 });
  const centred = graph.node('Sub', [y, mean]);
  const squares = graph.node('ReduceSumSquare', [centred, time], { keepdims: 1 });
  const product = graph.node('MatMul', [centred, graph.constant('x', [x.columns, x.rows], transposed(x))]);
  const scaled = graph.node('Div', [product, graph.node('Sqrt', [squares])]);
  const clipped = graph.node('Clip', [scaled, graph.scalar(-1), graph.scalar(1)]);
  graph.output('r', graph.node('Transpose', [clipped], { perm: [1, 0] }), 'float', [x.rows, 'series']);
  graph.output('mean', mean, 'float', ['series', 1]);
  graph.output('squares', squares, 'float', ['series', 1]);
  return graph.encode();
}
