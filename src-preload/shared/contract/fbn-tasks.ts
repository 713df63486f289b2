import type { WrittenFile } from './compute-tasks';
import type { ParsedJobInput } from './job-inputs';

/* Tasks that make FBNs without training. */

/** Stores FBN maps made elsewhere on the project's grid, with their activations. */
export interface ImportEmbeddingTask {
  project: string;
  mask: string;
  /** The maps, a 4D image anywhere. */
  source: string;
  /** What made them. */
  method: string;
  embeddingKey: string;
  /** Where to write, relative to the project. */
  best: string;
  maps: string;
  /** `isTransposed`: the table is [FBNs × time]; `key`: what it is stored under beside the embedding's. */
  activations: { file: string; array: string | null; isTransposed: boolean; key: string }[];
  threads: number | null;
}

export interface ImportEmbeddingResult {
  best: WrittenFile;
  maps: WrittenFile;
  excludedVoxels: number;
}

/** What decides the FBNs of group ICA or dictionary learning. */
export type DecomposeSettings = Pick<ParsedJobInput<'decompose'>, 'method' | 'fbns' | 'seed' | 'sparsity'>;

export interface DecomposeTask {
  project: string;
  train: { name: string; file: string }[];
  mask: string;
  settings: DecomposeSettings;
  threads: number | null;
  /** Folder of best.safetensors and the file of the maps, relative to the project. */
  checkpoints: string;
  maps: string;
  /** What an interrupted one is told by. */
  key: string;
}

export interface DecomposeResult {
  best: WrittenFile;
  maps: WrittenFile;
  /** Share of variance that the principal components hold. */
  held: number;
  /** Passes over the runs, and iterations after them. */
  passes: number;
  iterations: number;
  converged: boolean;
  /** Dictionary: share of the maps' values that are 0. */
  zeros: number | null;
  seconds: number;
  excludedVoxels: number;
  engineVersion: string;
}
