import { expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { GraphBuilder } from '../../../src-main/onnx/graph-builder';
import { decodeModel, encodeModel } from '../../../src-main/onnx/model';

function productGraph(): GraphBuilder {
  const graph = new GraphBuilder('product');
  const x = graph.input('x', 'float', ['rows', 2]);
  const w = graph.constant('w', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
  graph.output('y', graph.node('Gemm', [x, w], { alpha: { float: 2 } }), 'float', ['rows', 3]);
  return graph;
}

test('a built graph computes in onnxruntime', async () => {
  const session = await onnxruntimeEngine.createSession(productGraph().encode());
  const { y } = await session.run({ x: { type: 'float32', dims: [1, 2], data: Float32Array.of(1, 10) } });
  expect(y!.dims).toEqual([1, 3]);
  expect([...(y!.data as Float32Array)]).toEqual([82, 104, 126]);
  await session.release();
});

test('an output can be written into preallocated memory', async () => {
  const session = await onnxruntimeEngine.createSession(productGraph().encode());
  const data = new Float32Array(3);
  await session.run(
    { x: { type: 'float32', dims: [1, 2], data: Float32Array.of(1, 10) } },
    { y: { type: 'float32', dims: [1, 3], data } },
  );
  expect([...data]).toEqual([82, 104, 126]);
});

test('decoding and encoding keep the graph', () => {
  const bytes = productGraph().encode();
  expect(decodeModel(encodeModel(decodeModel(bytes)))).toEqual(decodeModel(bytes));
});

test('bytes that are no model are refused', () => {
  expect(() => decodeModel(new TextEncoder().encode('hello, this is text'))).toThrow();
  expect(() => decodeModel(new Uint8Array())).toThrow(/no ONNX graph/);
});
