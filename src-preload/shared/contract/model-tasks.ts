import type { WrittenFile } from './compute-tasks';

export interface DescribedLayer {
  name: string;
  filters: number | null;
  kind: string;
  isLastConvolution: boolean;
  blockIndex: number | null;
}

export interface DescribeModelTask {
  file: string;
  /** Which bundled definition a checkpoint is of; recognised where left out. */
  architecture?: string;
  /** Converts a checkpoint to an ONNX file in this folder of the project. */
  convertTo?: { project: string; folder: string };
}

/** Builds a bundled architecture with weights that were never trained. */
export interface RandomModelTask {
  project: string;
  /** Where the ONNX file goes, relative to the project. */
  folder: string;
  /** torchvision's name or the paper's. */
  architecture: string;
  /** null leaves the classifier out, which no filter needs. */
  classes: number | null;
  seed: number;
}

export interface RandomModelResult extends Omit<DescribedCheckpoint, 'format' | 'converted'> {
  converted: WrittenFile;
  description: unknown;
  layers: DescribedLayer[];
}

/** What a checkpoint was found to be. */
export interface DescribedCheckpoint {
  format: 'PyTorch zip' | 'PyTorch legacy' | 'safetensors';
  /** torchvision's name, and the paper's. */
  architecture: string;
  title: string;
  /** null: the file has no classifier. */
  classes: number | null;
  parameters: number;
  inputSize: number;
  mean: number[];
  deviation: number[];
  /** null where it was only looked at. */
  converted: WrittenFile | null;
}

/** What a file of weights holds. */
export interface CheckpointInfoResult {
  file: string;
  format: string;
  tensors: { name: string; type: string; shape: number[] }[];
  /** Numbers in all tensors together. */
  values: number;
  /** The bundled definition that it is of; null where none fits. */
  architecture: string | null;
  classes: number | null;
  /** Why none fits, in words. */
  mismatch: string | null;
}

export interface DescribeModelResult {
  /** SHA-256 of the file. */
  hash: string;
  /** Hash of the ONNX file and of its external data: what activations are stored under. Of a checkpoint that is not converted: its own. */
  contentHash: string;
  /** null for an ONNX file. */
  checkpoint: DescribedCheckpoint | null;
  /** The cnn room's ModelDescription, kept as it is to choose layers from later. */
  description: unknown;
  layers: DescribedLayer[];
}
