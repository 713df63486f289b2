import { expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { GraphBuilder } from '../../../src-main/onnx/graph-builder';
import { ElementType } from '../../../src-main/onnx/model';

test('float16 tensors are passed as their bits', async () => {
  const graph = new GraphBuilder('widen');
  graph.output('y', graph.node('Cast', [graph.input('x', 'float16', ['n'])], { to: ElementType.float }), 'float', ['n']);
  const session = await onnxruntimeEngine.createSession(graph.encode());
  const half = Float16Array.of(1.5, -2, 0.25);
  const { y } = await session.run({ x: { type: 'float16', dims: [3], data: new Uint16Array(half.buffer) } });
  expect([...(y!.data as Float32Array)]).toEqual([1.5, -2, 0.25]);
});

test('a device that is not there is an error, not another device', async () => {
  const graph = new GraphBuilder('identity');
  graph.output('y', graph.node('Identity', [graph.input('x', 'float', ['n'])]), 'float', ['n']);
  await expect(onnxruntimeEngine.createSession(graph.encode(), { device: 'cuda' })).rejects.toThrow();
});
