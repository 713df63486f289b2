import type { EmbeddingWeights } from './computation';
import type { EmbeddingSettings } from './settings';

/** A vector of weights and what Adam remembers of it; all arrays of the same length, updated in place. */
export interface AdamVector {
  values: Float32Array;
  /** Running mean of the gradient. */
  firstMoment: Float32Array;
  /** Running mean of the squared gradient. */
  secondMoment: Float32Array;
}

/** All weights of an embedding in training. */
export interface Weights {
  /** Θ = [Wᵀ; V], [2m, voxels]. */
  theta: AdamVector;
  /** The latent part's, one after the other; empty for LT. */
  latent: AdamVector;
  /** Steps taken. */
  step: number;
}

export type AdamSettings = Pick<EmbeddingSettings, 'learningRate' | 'beta1' | 'beta2' | 'epsilon'>;

/** A vector before the first step. */
export function adamVector(values: Float32Array): AdamVector {
  return { values, firstMoment: new Float32Array(values.length), secondMoment: new Float32Array(values.length) };
}

/** The weights alone. */
export function weightValues({ theta, latent }: Weights): EmbeddingWeights {
  return { theta: theta.values, latent: latent.values };
}

/**
 * One step of Adam, as torch.optim.Adam takes it (Kingma and Ba 2015, algorithm 1; ε is added to the corrected root).
 * Each value is computed in float64 and stored in float32. A plain loop: the same graph in ONNX Runtime passes over memory once
 * per operation and takes longer.
 * @param scale of the gradient, below 1 where it is clipped
 */
export function applyAdam(weights: Weights, gradient: EmbeddingWeights, settings: AdamSettings, scale = 1): void {
  weights.step++;
  updateVector(weights.theta, gradient.theta, weights.step, settings, scale);
  updateVector(weights.latent, gradient.latent, weights.step, settings, scale);
}

function updateVector(
  { values, firstMoment, secondMoment }: AdamVector,
  gradient: Float32Array,
  step: number,
  { learningRate, beta1, beta2, epsilon }: AdamSettings,
  scale: number,
): void {
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < values.length; i++) {
    const g = scale * gradient[i]!;
    const first = beta1 * firstMoment[i]! + (1 - beta1) * g;
    const second = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    firstMoment[i] = first;
    secondMoment[i] = second;
    values[i] = values[i]! - (stepSize * first) / (Math.sqrt(second) * rootCorrection + epsilon);
  }
}

/**
 * What to multiply a gradient by so that its norm over all weights is at most the limit (as torch.nn.utils.clip_grad_norm_).
 * @param limit null: no limit
 */
export function clippingScale({ theta, latent }: EmbeddingWeights, limit: number | null): number {
  if (limit === null) return 1;
  let sum = 0;
  for (const vector of [theta, latent]) for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  return Math.min(1, limit / (Math.sqrt(sum) + 1e-6));
}
