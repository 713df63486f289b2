import { describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import type { OperationName } from '../../../src-preload/shared/domain/operations';
import { Tape } from '../../../src-main/embedding/differentiation/tape';
import { Generator } from '../../../src-main/embedding/generator';
import { GraphBuilder } from '../../../src-main/onnx/graph-builder';

interface Example {
  /** Shapes of the inputs. */
  inputs: readonly (readonly number[])[];
  options?: unknown;
}

/** At least one for every row of the table; a row without one does not compile. */
const examples: Record<OperationName, readonly Example[]> = {
  add: [
    {
      inputs: [
        [3, 4],
        [3, 4],
      ],
    },
    { inputs: [[3, 4], [4]] },
  ],
  multiply: [
    {
      inputs: [
        [3, 4],
        [3, 4],
      ],
    },
    { inputs: [[2, 3, 4], [4]] },
  ],
  scale: [{ inputs: [[3, 4]], options: { by: -1.5 } }],
  product: [
    {
      inputs: [
        [3, 4],
        [4, 2],
      ],
      options: {},
    },
    {
      inputs: [
        [4, 3],
        [4, 2],
      ],
      options: { transA: true },
    },
    {
      inputs: [
        [3, 4],
        [2, 4],
      ],
      options: { transB: true },
    },
    {
      inputs: [
        [4, 3],
        [2, 4],
      ],
      options: { transA: true, transB: true },
    },
  ],
  stackedProduct: [
    {
      inputs: [
        [2, 3, 4],
        [2, 4, 3],
      ],
    },
  ],
  linear: [{ inputs: [[5, 3], [4, 3], [4]] }],
  transpose: [{ inputs: [[2, 3, 4]], options: { perm: [1, 2, 0] } }],
  reshape: [{ inputs: [[3, 4]], options: { shape: [3, 2, 2] } }],
  columns: [{ inputs: [[3, 6]], options: { start: 2, size: 3 } }],
  softmax: [{ inputs: [[2, 3, 4]] }],
  layerNorm: [{ inputs: [[3, 5], [5], [5]], options: { epsilon: 1e-5 } }],
  lstm: [
    {
      inputs: [
        [4, 12],
        [12, 3],
      ],
      options: { batch: 1 },
    },
    {
      inputs: [
        [8, 8],
        [8, 2],
      ],
      options: { batch: 2 },
    },
  ],
};

const half = 0.01;

/** ∂(Σ weights ∘ output)/∂input by the table and by central differences, for every value of every input. */
async function bothGradients(name: OperationName, { inputs: shapes, options }: Example) {
  const graph = new GraphBuilder('row');
  const tape = new Tape(graph);
  const inputs = shapes.map((shape, i) => tape.input(`x${i}`, shape));
  const apply = tape.apply.bind(tape) as (...of: unknown[]) => ReturnType<typeof tape.input>;
  const output = apply(name, inputs, options);
  const upstream = tape.input('upstream', output.shape);
  const gradients = tape.backward(output, upstream, inputs);
  graph.output('y', output.name, 'float', output.shape);
  for (const [i, gradient] of gradients.entries()) graph.output(`dx${i}`, gradient.name, 'float', shapes[i]!);
  const session = await onnxruntimeEngine.createSession(graph.encode(), { threads: 1 });

  const generator = Generator.fromSeed(3);
  const draw = (dims: readonly number[]) => ({
    type: 'float32' as const,
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => generator.nextSymmetric()),
  });
  const values = shapes.map(draw);
  const weights = draw(output.shape as number[]);
  const run = () => session.run({ ...Object.fromEntries(values.map((value, i) => [`x${i}`, value])), upstream: weights });
  const loss = async () => {
    const y = (await run()).y!.data as Float32Array;
    return y.reduce((sum, value, i) => sum + value * weights.data[i]!, 0);
  };
  const outputs = await run();
  const byTable = values.map((_, i) => [...(outputs[`dx${i}`]!.data as Float32Array)]);
  const byDifferences: number[][] = [];
  for (const { data } of values) {
    const ofInput: number[] = [];
    for (let i = 0; i < data.length; i++) {
      const value = data[i]!;
      data[i] = value + half;
      const above = await loss();
      data[i] = value - half;
      ofInput.push((above - (await loss())) / (2 * half));
      data[i] = value;
    }
    byDifferences.push(ofInput);
  }
  await session.release();
  return { byTable, byDifferences };
}

const rows = Object.entries(examples).flatMap(([name, all]) => all.map((example) => [name as OperationName, example] as const));

describe.each(rows)('%s %j', (name, example) => {
  test('its gradients are those of finite differences', async () => {
    const { byTable, byDifferences } = await bothGradients(name, example);
    const largest = Math.max(...byDifferences.flat().map(Math.abs));
    for (const [i, ofInput] of byTable.entries())
      for (const [j, value] of ofInput.entries()) expect(Math.abs(value - byDifferences[i]![j]!)).toBeLessThan(2e-3 * largest);
  });
});

test('a value that is used twice gets the sum of both gradients', async () => {
  const graph = new GraphBuilder('twice');
  const tape = new Tape(graph);
  const x = tape.input('x', [1, 2]);
  const y = tape.apply('add', [tape.apply('multiply', [x, x]), x]);
  const [dx] = tape.backward(y, tape.input('upstream', [1, 2]), [x]);
  graph.output('dx', dx!.name, 'float', [1, 2]);
  const session = await onnxruntimeEngine.createSession(graph.encode());
  const tensor = (...data: number[]) => ({ type: 'float32' as const, dims: [1, 2], data: Float32Array.from(data) });
  const { dx: found } = await session.run({ x: tensor(3, -2), upstream: tensor(1, 10) });
  expect([...(found!.data as Float32Array)]).toEqual([7, -30]);
});

test('shapes that do not fit are refused when the graph is built', () => {
  const tape = new Tape(new GraphBuilder('wrong'));
  const [a, b, series] = [tape.input('a', [3, 4]), tape.input('b', [3]), tape.input('series', ['time', 4])];
  expect(() => tape.apply('add', [a, b])).toThrow(/does not fit/);
  expect(() => tape.apply('linear', [series, a, tape.input('bias', [4])])).toThrow(/bias is \[4\], not \[3\]/);
  expect(() => tape.apply('product', [a, series], {})).toThrow(/inner size/);
  expect(() => tape.apply('lstm', [a, tape.input('recurrent', [4, 2])], { batch: 1 })).toThrow(/recurrent weight/);
  expect(() => tape.backward(a, a, [b])).toThrow(/does not depend on b/);
});
