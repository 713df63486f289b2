import type { EmbeddingSettings } from './settings';

/** What `step` multiplies the learning rate by, and after how many equal parts of the training it does so again. */
const STEP_FACTOR = 0.1;
const STEP_PARTS = 3;

/**
 * The learning rate of an epoch.
 *   constant  the initial one
 *   cosine    from the initial one to 0 along half a cosine over the epochs (Loshchilov and Hutter 2017, without restarts)
 *   step      a tenth after each third of the epochs
 * @param epoch from 0
 */
export function learningRateAt({ schedule, learningRate, epochs }: EmbeddingSettings, epoch: number): number {
  switch (schedule) {
    case 'constant':
      return learningRate;
    case 'cosine':
      return (learningRate * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2;
    case 'step':
      return learningRate * STEP_FACTOR ** Math.floor((epoch * STEP_PARTS) / epochs);
  }
}
