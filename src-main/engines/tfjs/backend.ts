import * as tf from '@tensorflow/tfjs-core';
import type { HeldTensor, TensorBackend } from '../../../src-preload/shared/domain/engine';
import { operations } from './operations';

/** The backend of tfjs that is in use, behind our interface: its tensors are tfjs' own. */
export function tensorBackend(provider: string, threads: number | null): TensorBackend {
  return {
    provider,
    threads,
    apply(name, inputs, ...[options]) {
      const operation = operations[name] as (inputs: readonly tf.Tensor[], options: unknown) => tf.Tensor;
      return operation(inputs as readonly tf.Tensor[], options);
    },
    hold: (shape, data) => tf.tensor(data, [...shape], 'float32'),
    read: async (tensor) => (await (tensor as tf.Tensor).data<'float32'>()).slice(),
    letGo: (...tensors) => tf.dispose(tensors as tf.Tensor[]),
    within: (work) => tf.tidy(work as () => tf.Tensor[]),
    beside: (a, b) => tf.concat([a as tf.Tensor2D, b as tf.Tensor2D], 1),
    inner: (a, b) => tf.sum(tf.mul(a as tf.Tensor, b as tf.Tensor)),
    differentiate(inputs, objective) {
      const wanted: tf.Tensor[] = [];
      const gradients = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
        const result = objective(tensors);
        // Kept from being let go with the tape; as copies, since one may be an input.
        for (const value of result.wanted) wanted.push(tf.keep(tf.clone(value as tf.Tensor)));
        return result.scalar as tf.Scalar;
      });
      const { grads, value } = gradients(inputs as tf.Tensor[]);
      value.dispose();
      return { gradients: grads, wanted: wanted as HeldTensor[] };
    },
  };
}
