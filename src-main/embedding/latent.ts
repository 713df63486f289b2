import type { GraphBuilder } from '../onnx/graph-builder';
import type { EmbeddingVariant } from './settings';

/** What a latent part adds to a graph: names of graph values, all [time, fbns]. */
export interface LatentValues {
  /** L = F_enc(H), the FBN activations. */
  activations: string;
  /** Z = F_dec(L), from which the sample is reconstructed. */
  reconstruction: string;
  /**
   * Adds the reverse pass.
   * @param gradient ∂ℓ/∂Z
   * @returns ∂ℓ/∂H
   */
  backward(gradient: string): string;
}

/** The part of an embedding between its two large products: H → L → Z. */
export interface LatentModel {
  /** Adds the forward pass to a graph. @param h H = S W, [time, fbns] */
  build(graph: GraphBuilder, h: string): LatentValues;
}

/** LT: F is the identity, so H = L = Z. */
const identity: LatentModel = {
  build: (_graph, h) => ({ activations: h, reconstruction: h, backward: (gradient) => gradient }),
};

const latentModels: Record<EmbeddingVariant, LatentModel> = { lt: identity };

/** The latent part of a variant. */
export function latentModel(variant: EmbeddingVariant): LatentModel {
  return latentModels[variant];
}
