import type { EmbeddingSettings } from './settings';

/** Weights and what Adam remembers of them; all arrays [2m, voxels], updated in place. */
export interface Weights {
  /** Θ = [Wᵀ; V]. */
  theta: Float32Array;
  /** Running mean of the gradient. */
  firstMoment: Float32Array;
  /** Running mean of the squared gradient. */
  secondMoment: Float32Array;
  /** Steps taken. */
  step: number;
}

/**
 * One step of Adam, as torch.optim.Adam takes it (Kingma and Ba 2015, algorithm 1; ε is added to the corrected root).
 * Each value is computed in float64 and stored in float32. A plain loop: the same graph in ONNX Runtime passes over memory once
 * per operation and takes longer.
 * @param gradient [2m, voxels]
 */
export function applyAdam(
  weights: Weights,
  gradient: Float32Array,
  { learningRate, beta1, beta2, epsilon }: Pick<EmbeddingSettings, 'learningRate' | 'beta1' | 'beta2' | 'epsilon'>,
): void {
  const { theta, firstMoment, secondMoment } = weights;
  const step = ++weights.step;
  const stepSize = learningRate / (1 - beta1 ** step);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < theta.length; i++) {
    const g = gradient[i]!;
    const first = beta1 * firstMoment[i]! + (1 - beta1) * g;
    const second = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    firstMoment[i] = first;
    secondMoment[i] = second;
    theta[i] = theta[i]! - (stepSize * first) / (Math.sqrt(second) * rootCorrection + epsilon);
  }
}
