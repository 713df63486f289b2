import { z } from 'zod';
import { pairRow, type FigureTask, type PairFigureSource } from './figures';
import { path } from './paths';
import type { PagePartner } from './report-page';

/** What is done with frames of the movie: its makers hold the rights, so they are shown only when that is asked for. */
export const framesChoice = z.enum(['drop', 'blur', 'show']);
export type FramesChoice = z.output<typeof framesChoice>;

const count = z.number().int().positive();
const seconds = z.number().nonnegative();
const embedding = count.optional();

/** What a project is written as for others, and where. */
export const exportInput = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('html'), file: path, embedding, frames: framesChoice.default('blur') }),
  z.strictObject({ as: z.literal('pdf'), file: path, embedding, frames: framesChoice.default('blur') }),
  z.strictObject({ as: z.literal('latex'), file: path, embedding }),
  z.strictObject({ as: z.literal('bids'), folder: path, embedding, filters: z.boolean().default(true) }),
  z.strictObject({ as: z.literal('npz'), file: path, embedding, filters: z.boolean().default(true) }),
  /** Its ending says the format. */
  z.strictObject({ as: z.literal('annotations'), file: path }),
  /** A stretch of the movie with the map and the activations of a pair; the best pair where none is named. */
  z.strictObject({
    as: z.literal('clip'),
    file: path,
    embedding,
    pair: pairRow.optional(),
    fromSeconds: seconds.optional(),
    toSeconds: seconds.optional(),
    /** Whether the movie is shown as it is, or blurred. */
    withFrames: z.boolean().default(false),
  }),
]);
export type ExportInput = z.input<typeof exportInput>;

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

/** Everything a compute process needs to make a clip; paths are absolute. */
export interface ClipTask {
  file: string;
  pair: PairFigureSource;
  brain: NonNullable<FigureTask['brain']>;
  activations: string;
  fromSeconds: number;
  toSeconds: number;
  /** The movie's video where it is there unchanged, else null: the frames that the CNN saw, one a TR. */
  video: { file: string; offsetSeconds: number } | null;
  isBlurred: boolean;
  provenance: unknown;
}

export interface ClipResult {
  bytes: number;
  seconds: number;
  picture: 'video' | 'frames';
}
