import type { z } from 'zod';
import type { Grid } from '../domain/grid';
import type { PreprocessingChoice } from './compute-tasks';
import type { termSource } from './semantics-inputs';

export type TermSource = z.output<typeof termSource>;

/** A file with its SHA-256. */
export interface HashedFile {
  path: string;
  hash: string;
}

export interface InspectTermsTask {
  source: TermSource;
  mask: { file: string; grid: Grid | null };
}

/** What a source of terms is, before any map is made. */
export interface TermSourceInfo {
  /** "neurosynth version 7 LDA50", or the folder's name. */
  name: string;
  /** "weight", "tfidf"; null where the maps are ready. */
  featureType: string | null;
  usualThreshold: number | null;
  files: HashedFile[];
  mask: { hash: string; voxels: number; grid: Grid };
}

export interface TermMapsTask extends InspectTermsTask {
  threshold: number;
  unknownSpace: 'mni' | 'skip';
  /** Absolute paths. */
  output: string;
  pieces: string;
}

/** What was made of a source of terms. */
export interface TermMapsResult {
  /** SHA-256 of the file of maps. */
  fileHash: string;
  terms: string[];
  /** Words of each topic, most typical first; null where terms are words themselves. */
  topicWords: string[][] | null;
  /** Studies of each term; null where the maps were ready. */
  studies: number[] | null;
  /** Voxels of each term's map that pass FDR; null where the maps were ready. */
  associatedVoxels: number[] | null;
  /** What was found in the database; null where the maps were ready. */
  summary: StudiesSummary | null;
}

/** What was found in a meta-analytic database, and what was done with it. */
export interface StudiesSummary {
  studies: number;
  peaks: number;
  /** Studies by the space their peaks are reported in, as the database names it. */
  spaces: Record<string, number>;
  /** Peaks brought from Talairach to MNI space. */
  transformedPeaks: number;
  /** Peaks of studies whose space is unknown, and whether they were taken as MNI. */
  unknownPeaks: number;
  unknownTakenAsMni: boolean;
  /** Peaks left out: coordinates that are no numbers, or of studies without a row in the metadata. */
  unreadablePeaks: number;
}

export interface DecodeTask {
  project: string;
  mask: string;
  /** The embedding's checkpoint, relative to the project. */
  best: string;
  activations: string;
  /** Files of term maps, relative to the project, and what the r matrix and the spatial null are stored under. */
  vocabularies: {
    name: string;
    file: string;
    key: string;
    spatialNull: { key: string; permutations: number; seed: number } | null;
  }[];
}

/** A layer whose filters are shown pictures. */
interface LookAtPicturesTask {
  model: string;
  /** As `describe-model` gave it. */
  contentHash: string;
  preprocessing: PreprocessingChoice;
  layer: string;
  folder: string;
  count: number;
  size: number;
  threads: number | null;
  /** Absolute: the file of pictures to write, and where the state is kept from which an interrupted run goes on. */
  output: string;
  state: string;
}

export type FilterImagesTask = LookAtPicturesTask;

export interface FilterImagesResult {
  fileHash: string;
  filters: number;
  pictures: number;
  picturesPerSecond: number | null;
}

export interface DissectTask extends LookAtPicturesTask {
  quantile: number;
}

/** What a dissection found, by filter. */
export interface DissectResult extends FilterImagesResult {
  labels: {
    filter: number;
    /** null where no concept overlaps. */
    label: string | null;
    category: string | null;
    iou: number | null;
    chance: number | null;
    candidates: { category: string; label: string; score: number; chance: number }[];
  }[];
  concepts: number;
  /** Positions of the maps that thresholds were taken from: 1 all of them, 2 every second. */
  positionStep: number;
}

/** Tells whether pictures and labels are the same as before. */
export interface PicturesInfo {
  fingerprint: string;
  /** The same wherever the folder is copied to. */
  sourceHash: string;
  pictures: number;
}
