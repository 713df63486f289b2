import type { TensorType } from './torch/tensor-types';

/** A tensor in a checkpoint; nothing of it is read yet. */
export interface CheckpointTensor {
  type: TensorType;
  shape: readonly number[];
}

/** An open file of named tensors; close it when done. */
export interface CheckpointFile {
  readonly path: string;
  readonly format: 'PyTorch zip' | 'PyTorch legacy' | 'safetensors';
  /** By name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /**
   * Row-major little-endian bytes of one tensor, in memory of their own; views are made contiguous.
   * @throws UserError where the file ends before them or cannot be read
   */
  readBytes(name: string): Promise<ArrayBuffer>;
  close(): Promise<void>;
}
