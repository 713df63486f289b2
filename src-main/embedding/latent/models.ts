import type { EmbeddingSettings } from '../settings';
import { attentionModel } from './attention';
import type { LatentModel } from './model';
import { recurrentModel } from './recurrent';

/** What decides the form of the latent part. */
export type LatentSettings = Pick<EmbeddingSettings, 'variant' | 'fbns' | 'heads' | 'residualNorm' | 'positions'>;

/** LT: F is the identity, so H = L = Z. */
const identity: LatentModel = {
  parameters: [],
  batched: false,
  positions: false,
  build: (_tape, h) => ({ activations: h, reconstruction: h }),
};

/** The latent part that the settings ask for. */
export function latentModel(settings: LatentSettings): LatentModel {
  switch (settings.variant) {
    case 'lt':
      return identity;
    case 'lt-lstm':
      return recurrentModel(settings.fbns);
    case 'lt-msa':
      return attentionModel(settings);
  }
}
