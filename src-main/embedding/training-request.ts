import type { Device } from '../../src-preload/shared/domain/engine';
import type { ComputationPlace } from './computation';
import type { EmbeddingSettings } from './settings';
import type { TrainingData } from './training-data';
import type { EpochRecord, RunLosses } from './training-state';

/** What a training is given. */
export interface TrainingRequest extends TrainingData, ComputationPlace {
  /** The paper's where left out. */
  settings?: Partial<EmbeddingSettings>;
  /** A last.safetensors to go on from; settings and data must be the same, but for more epochs. */
  resumeFrom?: string;
  /** An existing folder for last.safetensors and best.safetensors. */
  checkpointFolder: string;
  /** Memory for samples kept from epoch to epoch; the others are read each time. Default 0. */
  keepBytes?: number;
}

/** What a training has come to. */
export interface TrainingResult {
  epochs: EpochRecord[];
  /** Epoch of best.safetensors: lowest validation loss, or training loss where there is no validation. */
  bestEpoch: number;
  /** Mean over the epochs, those before a resumption included. */
  secondsPerEpoch: number;
  checkpoints: { last: string; best: string };
  engine: string;
  engineVersion: string;
  device: Device;
  /** What of the engine computed, and on what where that is more than the device. */
  provider: string;
  /** null: the engine's own choice. */
  threads: number | null;
  /** Whether it was asked to finish before its last epoch (or before patience ended it). */
  stopped: boolean;
}

/** Called after each epoch. */
export type OnEpoch = (record: EpochRecord, runLosses: RunLosses) => void;
