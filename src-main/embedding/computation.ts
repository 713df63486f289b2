import type { Device, Engine, TensorEngine } from '../../src-preload/shared/domain/engine';
import { GraphComputation } from './graph-computation';
import type { LatentModel } from './latent/model';
import type { LatentSettings } from './latent/models';
import type { LoadedSample, SampleGroup, Widen } from './samples';
import { TensorComputation } from './tensor-computation';

/** Where the numbers are computed. */
export interface ComputationPlace {
  engine: Engine | TensorEngine;
  device: Device;
  /** Threads of the engine; its own choice where left out. */
  threads?: number;
}

/** The two data-dependent terms of one sample's squared error ‖S‖² − 2⟨Z, A⟩ + ⟨ZᵀZ, K⟩, summed in float64. */
export interface LossTerms {
  /** ⟨Z, A⟩ */
  cross: number;
  /** ⟨ZᵀZ, K⟩ */
  quadratic: number;
}

/** All weights of an embedding. */
export interface EmbeddingWeights {
  /** Θ = [Wᵀ; V], [2m, voxels]. */
  theta: Float32Array;
  /** The latent part's weights, one after the other in the order of its parameters. */
  latent: Float32Array;
}

export type ComputationSettings = LatentSettings & { voxels: number };

/** The numbers of an embedding, by any engine. The order of the samples decides the last bits of a step, nothing else does. */
export interface EmbeddingComputation {
  readonly latent: LatentModel;

  /** What of the engine computes, in words that are recorded with the result: "cpu", "webgpu", "wasm", … */
  provider(): Promise<string>;

  /** Threads that the computation is limited to; null: the engine's own choice. */
  threads(): Promise<number | null>;

  /**
   * How many of a batch's samples are taken together, and so must stay in memory together.
   * @param batch samples per step
   * @param time of the longest sample
   */
  groupSize(batch: number, time: number): number;

  /**
   * Loss terms of each sample of a batch, and the gradient of their loss.
   * @param groups the batch in groups of at most `groupSize`, whose samples are valid until the next group is asked for
   * @param factor c = 2 / Σ_b T_b N over the samples of the batch
   * @returns ∂ℓ/∂Θ and ∂ℓ/∂latent, both valid until the next step
   */
  step(
    weights: EmbeddingWeights,
    groups: AsyncIterable<SampleGroup>,
    factor: number,
  ): Promise<{ terms: LossTerms[]; gradient: EmbeddingWeights }>;

  /** Prepares what `evaluate` and `encode` need of the weights: K = V Vᵀ among it. */
  prepare(weights: EmbeddingWeights): Promise<void>;

  /** The loss terms of each sample of a group (of at most `groupSize`) without its gradient, by weights that were prepared. */
  evaluate(weights: EmbeddingWeights, group: SampleGroup): Promise<LossTerms[]>;

  /** Lᵀ of a sample, [fbns, time], beside its loss terms, by weights that were prepared. */
  encode(weights: EmbeddingWeights, sample: LoadedSample): Promise<LossTerms & { activations: Float32Array }>;

  /** Brings float16 samples into float32 as fast as the engine can; undefined where they are better kept as they are. */
  readonly widen: Widen | undefined;

  release(): Promise<void>;
}

/** The computation of an embedding where it is asked for. */
export function createComputation(place: ComputationPlace, settings: ComputationSettings): EmbeddingComputation {
  const { engine, device, threads } = place;
  if (engine.name === 'tfjs') return new TensorComputation({ engine, device }, settings);
  return new GraphComputation({ engine, device, ...(threads !== undefined && { threads }) }, settings);
}
