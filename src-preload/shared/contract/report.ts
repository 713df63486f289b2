import { z } from 'zod';
import type { Grid } from '../domain/grid';
import type { FigureTask } from './figures';

/** What is done with frames of the movie: its makers hold the rights, so they are shown only when that is asked for. */
export const framesChoice = z.enum(['drop', 'blur', 'show']);
export type FramesChoice = z.output<typeof framesChoice>;

/** A table as it is read: every cell is text. */
export interface ReadableTable {
  title: string;
  caption: string;
  notes: readonly string[];
  header: string[];
  /** Which columns stand to the right. */
  numeric: boolean[];
  rows: string[][];
}

/** Everything a compute process needs to write a report; paths are absolute. */
export interface ReportTask {
  format: 'html' | 'pdf';
  file: string;
  title: string;
  /** What it is of, at its head. */
  facts: { name: string; value: string }[];
  methods: { text: string; references: string[] };
  tables: ReadableTable[];
  figures: { caption: string; task: FigureTask }[];
  /** What can be looked through, in a page. */
  explorer: ExplorerSource | null;
  /** Kept inside the file, and shown on request. */
  provenance: unknown;
}

/** Where the maps and activations of an embedding are. */
export interface ExplorerSource {
  brain: NonNullable<FigureTask['brain']>;
  activations: string;
  embeddingKey: string;
  fbns: { note: string; terms: string }[];
  runs: ExplorerRunSource[];
}

export interface ExplorerRunSource {
  movieRun: string;
  trSeconds: number;
  timePoints: number;
  /** Keys of the runs whose FBN activations are averaged. */
  runs: string[];
  /** By FBN, the filter of the largest r in this run; null where there is none. */
  partners: ((PagePartner & { filterActivation: string; filter: number }) | null)[];
}

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
