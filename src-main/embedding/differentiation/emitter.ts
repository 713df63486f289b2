import type { Shape } from '../../../src-preload/shared/domain/operations';
import type { AttributeValue, GraphBuilder } from '../../onnx/graph-builder';
import { requireShape, sameShape, type Value } from './value';

/** Adds nodes to a graph and knows the shapes of what they give. What gradients are written in. */
export class Emitter {
  constructor(readonly graph: GraphBuilder) {}

  /** Any node with one output; the caller vouches for the shape. */
  node(type: string, inputs: readonly (Value | string)[], shape: Shape, attributes: Record<string, AttributeValue> = {}): Value {
    const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
    return { name: this.graph.node(type, names, attributes), shape };
  }

  /** Elementwise a ∘ b, where b may lack leading dimensions of a or have size 1 in the last. */
  private elementwise(type: string, a: Value, b: Value): Value {
    const aligned = a.shape.slice(a.shape.length - b.shape.length);
    const fits = b.shape.every((size, i) => size === aligned[i] || size === 1);
    if (!fits) throw new RangeError(`${type}: [${b.shape.join(', ')}] does not fit [${a.shape.join(', ')}]`);
    return this.node(type, [a, b], a.shape);
  }

  add = (a: Value, b: Value): Value => this.elementwise('Add', a, b);
  subtract = (a: Value, b: Value): Value => this.elementwise('Sub', a, b);
  multiply = (a: Value, b: Value): Value => this.elementwise('Mul', a, b);

  scale(a: Value, by: number): Value {
    return this.node('Mul', [a, this.graph.scalar(by)], a.shape);
  }

  /** Product of two matrices, either transposed on request. */
  product(a: Value, b: Value, { transA = false, transB = false } = {}): Value {
    const [rows, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const [innerOfB, columns] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
    requireShape('the inner size of a product', [innerOfB], [inner]);
    return this.node('Gemm', [a, b], [rows, columns], { transA: Number(transA), transB: Number(transB) });
  }

  /** Products of two stacks of matrices: [h, i, k] × [h, k, j]. */
  stackedProduct(a: Value, b: Value): Value {
    const [stack, rows, inner] = a.shape;
    requireShape('the second factor', b.shape.slice(0, 2), [stack!, inner!]);
    return this.node('MatMul', [a, b], [stack!, rows!, b.shape[2]!]);
  }

  transpose(a: Value, perm: readonly number[]): Value {
    return this.node(
      'Transpose',
      [a],
      perm.map((axis) => a.shape[axis]!),
      { perm: [...perm] },
    );
  }

  /** A stack of matrices, each transposed. */
  swap(a: Value): Value {
    return this.transpose(a, [0, 2, 1]);
  }

  /** Same values in another shape; a size known only at run time may appear once. */
  reshape(a: Value, shape: Shape): Value {
    if (sameShape(a.shape, shape)) return a;
    const sizes = shape.map((size, i) => (typeof size === 'number' ? size : a.shape[i] === size ? 0 : -1));
    if (sizes.filter((size) => size === -1).length > 1) throw new RangeError(`cannot reshape to [${shape.join(', ')}]`);
    return this.node('Reshape', [a, this.graph.integers(sizes)], shape);
  }

  /** Sums over leading dimensions until the shape is the one asked for, a suffix of the shape. */
  sumTo(a: Value, shape: Shape): Value {
    const leading = a.shape.length - shape.length;
    requireShape('what is summed to', a.shape.slice(leading), shape);
    if (leading === 0) return a;
    const axes = this.graph.integers(Array.from({ length: leading }, (_, i) => i));
    return this.node('ReduceSum', [a, axes], shape, { keepdims: 0 });
  }

  /** Sum or mean over the last dimension, which stays with size 1. */
  overLast(type: 'ReduceSum' | 'ReduceMean', a: Value): Value {
    return this.node(type, [a, this.graph.integers([a.shape.length - 1])], [...a.shape.slice(0, -1), 1], { keepdims: 1 });
  }

  /** Columns start … start+size−1 of a matrix. */
  columns(a: Value, start: number, size: number): Value {
    const [from, to, axis] = [start, start + size, 1].map((value) => this.graph.integers([value]));
    return this.node('Slice', [a, from!, to!, axis!], [a.shape[0]!, size]);
  }

  concat(parts: readonly Value[], axis: number, shape: Shape): Value {
    return this.node('Concat', parts, shape, { axis });
  }
}
