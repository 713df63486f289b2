import * as tf from '@tensorflow/tfjs-core';
import type { OperationName, OperationOptions } from '../../../src-preload/shared/domain/operations';

type Forward<Options> = (inputs: readonly tf.Tensor[], options: Options) => tf.Tensor;

/** The operations of latent graphs in tfjs, which differentiates them itself. */
export const operations: { readonly [Name in OperationName]: Forward<OperationOptions[Name]> } = {
  add: ([a, b]) => tf.add(a!, b!),
  multiply: ([a, b]) => tf.mul(a!, b!),
  scale: ([a], { by }) => tf.mul(a!, by),
  product: ([a, b], { transA = false, transB = false }) =>
    product(transA ? tf.transpose(a!) : a!, transB ? tf.transpose(b!) : b!),
  stackedProduct: ([a, b]) => tf.matMul(a!, b!),
  linear: ([x, weight, bias]) => tf.add(product(x!, tf.transpose(weight!)), bias!),
  transpose: ([a], { perm }) => tf.transpose(a!, [...perm]),
  reshape: ([a], { shape }) => tf.reshape(a!, numbers(shape)),
  columns: ([a], { start, size }) => tf.slice(a!, [0, start], [a!.shape[0]!, size]),
  softmax: ([a]) => tf.softmax(a!),
  layerNorm([x, gain, bias], { epsilon }) {
    const centred = tf.sub(x!, tf.mean(x!, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gain!), bias!);
  },
  lstm([projected, recurrent], { batch }) {
    const [rows, m] = [projected!.shape[0]!, recurrent!.shape[1]!];
    const weight = tf.transpose(recurrent!);
    let [hidden, cell]: tf.Tensor[] = [tf.zeros([batch, m]), tf.zeros([batch, m])];
    // A split differentiates to a concatenation; slices would each differentiate to a matrix of all rows.
    const states = tf.split(projected!, rows / batch, 0).map((x) => {
      const [input, forget, candidate, output] = tf.split(tf.add(x, tf.matMul(hidden!, weight)), 4, 1);
      cell = tf.add(tf.mul(tf.sigmoid(forget!), cell!), tf.mul(tf.sigmoid(input!), tf.tanh(candidate!)));
      return (hidden = tf.mul(tf.sigmoid(output!), tf.tanh(cell)));
    });
    return states.length > 1 ? tf.concat(states, 0) : states[0]!;
  },
};

/** A tensor's shape has no sizes that are known by name only. */
function numbers(shape: OperationOptions['reshape']['shape']): number[] {
  return shape.map((size) => {
    if (typeof size !== 'number') throw new RangeError(`the size "${size}" is not a number`);
    return size;
  });
}

/** a b. Its gradient is spelled out with transposed copies: wasm has fast products of plain matrices only (ten times as fast). */
function product(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const differentiable = tf.customGrad((x, y, save) => {
    const [left, right] = [x as tf.Tensor, y as tf.Tensor];
    (save as tf.GradSaveFunc)([left, right]);
    return {
      value: tf.matMul(left, right),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => [
        tf.matMul(gradient, tf.transpose(saved[1]!)),
        tf.matMul(tf.transpose(saved[0]!), gradient),
      ],
    };
  });
  return differentiable(a, b);
}
