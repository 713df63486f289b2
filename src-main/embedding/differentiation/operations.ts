import type { OperationName, OperationOptions } from '../../../src-preload/shared/domain/operations';
import type { Emitter } from './emitter';
import { lstm } from './lstm';
import { requireShape, type Value } from './value';

/** What the gradient of an operation is computed from. */
export interface GradientContext<Options> {
  inputs: readonly Value[];
  output: Value;
  /** What the forward pass kept for it. */
  kept: readonly Value[];
  /** ∂ℓ/∂output, of the output's shape. */
  gradient: Value;
  options: Options;
}

/** A row of the table: how an operation is computed, and ∂ℓ/∂input for each of its inputs. */
export interface Operation<Options> {
  /** @throws RangeError where the shapes of the inputs do not fit */
  forward(e: Emitter, inputs: readonly Value[], options: Options): { output: Value; kept?: readonly Value[] };
  gradient(e: Emitter, context: GradientContext<Options>): Value[];
}

/** Operations that a latent graph may be made of, each with its gradient (tested by finite differences, row by row). */
export const operations: { readonly [Name in OperationName]: Operation<OperationOptions[Name]> } = {
  /** a + b; b may lack leading dimensions of a. */
  add: {
    forward: (e, [a, b]) => ({ output: e.add(a!, b!) }),
    gradient: (e, { inputs: [, b], gradient }) => [gradient, e.sumTo(gradient, b!.shape)],
  },
  /** a ∘ b; b may lack leading dimensions of a. */
  multiply: {
    forward: (e, [a, b]) => ({ output: e.multiply(a!, b!) }),
    gradient: (e, { inputs: [a, b], gradient }) => [e.multiply(gradient, b!), e.sumTo(e.multiply(gradient, a!), b!.shape)],
  },
  /** a times a number. */
  scale: {
    forward: (e, [a], { by }) => ({ output: e.scale(a!, by) }),
    gradient: (e, { gradient, options: { by } }) => [e.scale(gradient, by)],
  },
  /** a b, either transposed on request. */
  product: {
    forward: (e, [a, b], options) => ({ output: e.product(a!, b!, options) }),
    gradient: (e, { inputs: [a, b], gradient, options: { transA = false, transB = false } }) => [
      transA ? e.product(b!, gradient, { transA: transB, transB: true }) : e.product(gradient, b!, { transB: !transB }),
      transB ? e.product(gradient, a!, { transA: true, transB: transA }) : e.product(a!, gradient, { transA: !transA }),
    ],
  },
  /** [h, i, k] × [h, k, j] → [h, i, j]. */
  stackedProduct: {
    forward: (e, [a, b]) => ({ output: e.stackedProduct(a!, b!) }),
    gradient: (e, { inputs: [a, b], gradient }) => [
      e.stackedProduct(gradient, e.swap(b!)),
      e.stackedProduct(e.swap(a!), gradient),
    ],
  },
  /** x [rows, n], weight [k, n], bias [k] → x weightᵀ + bias. */
  linear: {
    forward(e, [x, weight, bias]) {
      requireShape('the weight', [weight!.shape[1]!], [x!.shape[1]!]);
      requireShape('the bias', bias!.shape, [weight!.shape[0]!]);
      return { output: e.node('Gemm', [x!, weight!, bias!], [x!.shape[0]!, weight!.shape[0]!], { transB: 1 }) };
    },
    gradient: (e, { inputs: [x, weight, bias], gradient }) => [
      e.product(gradient, weight!),
      e.product(gradient, x!, { transA: true }),
      e.sumTo(gradient, bias!.shape),
    ],
  },
  transpose: {
    forward: (e, [a], { perm }) => ({ output: e.transpose(a!, perm) }),
    gradient: (e, { gradient, options: { perm } }) => [
      e.transpose(
        gradient,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ],
  },
  reshape: {
    forward: (e, [a], { shape }) => ({ output: e.reshape(a!, shape) }),
    gradient: (e, { inputs: [a], gradient }) => [e.reshape(gradient, a!.shape)],
  },
  /** Columns start … start+size−1 of a matrix. */
  columns: {
    forward: (e, [a], { start, size }) => ({ output: e.columns(a!, start, size) }),
    gradient(e, { inputs: [a], gradient, options: { start, size } }) {
      const pads = e.graph.integers([0, start, 0, (a!.shape[1] as number) - start - size]);
      return [e.node('Pad', [gradient, pads], a!.shape)];
    },
  },
  /** Along the last dimension. */
  softmax: {
    forward: (e, [a]) => ({ output: e.node('Softmax', [a!], a!.shape, { axis: -1 }) }),
    gradient(e, { output, gradient }) {
      const weighted = e.multiply(gradient, output);
      return [e.subtract(weighted, e.multiply(output, e.overLast('ReduceSum', weighted)))];
    },
  },
  /** Layer normalisation over the last dimension, with gain and bias (Ba et al. 2016; biased variance, as PyTorch). */
  layerNorm: {
    forward(e, [x, gain, bias], { epsilon }) {
      const centred = e.subtract(x!, e.overLast('ReduceMean', x!));
      const variance = e.overLast('ReduceMean', e.multiply(centred, centred));
      const shifted = e.node('Add', [variance, e.graph.scalar(epsilon)], variance.shape);
      const inverse = e.node('Reciprocal', [e.node('Sqrt', [shifted], variance.shape)], variance.shape);
      const normal = e.multiply(centred, inverse);
      return { output: e.add(e.multiply(normal, gain!), bias!), kept: [normal, inverse] };
    },
    gradient(e, { inputs: [, gain, bias], kept: [normal, inverse], gradient }) {
      const scaled = e.multiply(gradient, gain!);
      const along = e.multiply(normal!, e.overLast('ReduceMean', e.multiply(scaled, normal!)));
      const ofX = e.subtract(e.subtract(scaled, e.overLast('ReduceMean', scaled)), along);
      return [e.multiply(ofX, inverse!), e.sumTo(e.multiply(gradient, normal!), gain!.shape), e.sumTo(gradient, bias!.shape)];
    },
  },
  lstm,
};
