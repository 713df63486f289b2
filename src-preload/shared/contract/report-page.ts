import type { Grid } from '../domain/grid';

/** The best filter of an FBN, as it is named in a page. */
export interface PagePartner {
  /** "resnet50 · layer4 · 107" */
  name: string;
  r: number;
}

/**
 * What a page says of its arrays, which stand beside it in base64: `mask` (a bit a voxel of the grid), `background` (uint8 a voxel
 * of the mask), `map-N` (int8 a voxel), `fbns-N` and `filters-N` (int16 [fbns, time], the z-scores of run N; NO_SAMPLE: none).
 */
export interface PageData {
  grid: Grid;
  /** Voxels of the mask. */
  voxels: number;
  fbns: {
    note: string;
    terms: string;
    /** Value of one step of the map's int8; −128 stands for a voxel that took no part. */
    step: number;
    /** Where the colours end: the 99th percentile of the map's size. */
    limit: number;
  }[];
  runs: { movieRun: string; trSeconds: number; timePoints: number; partners: (PagePartner | null)[] }[];
}

export const NO_SAMPLE = -32768;
/** z-scores are kept in so many steps a unit. */
export const STEPS_PER_DEVIATION = 1000;
/** int8 of a voxel without a value. */
export const NO_VOXEL = -128;
