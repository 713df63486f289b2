import { z } from 'zod';
import { path } from './paths';

/** Where sources are now: those that lay below `from`, a folder or a file that need not be there any more, are looked for below `to`. */
export const relinkInput = z.strictObject({
  /** Nothing is read of it: it is compared with what the project has recorded, which may be from a machine with other paths. */
  from: z.string().min(1).max(4096),
  to: path,
});

/** How the content of a source is told. */
export type SourceKind =
  /** A file, by its SHA-256. */
  | 'file'
  /** An ONNX file with weights in files beside it, by the SHA-256 of all of them. */
  | 'model with weights beside it'
  /** A folder of numbered images, by the contents in their order. */
  | 'frames'
  /** A folder of pictures, by names and sizes. */
  | 'pictures'
  /** A folder of pictures with labels of what they show, by the labels. */
  | 'labelled pictures';

/** Why a source stays as it is. */
export type LeftReason =
  'not there' | 'another content' | 'cannot be read' | 'other weights beside it' | 'no hash to compare with';

/** A folder of sources that are gone, and how many they are. */
export interface SourceFolder {
  folder: string;
  sources: number;
}

/** Sources that are no longer at their place, and the folders that held them, most first. */
export interface MissingSources {
  sources: number;
  folders: SourceFolder[];
}

/** What looking for sources at another place would do, before anything is read. */
export interface RelinkPreview {
  /** Where something of the same kind and size is: their contents are compared. */
  toCompare: number;
  /** Of those that are files. */
  bytesToCompare: number;
  /** Those that cannot be there, the first of them; `leftInAll` is how many they are. */
  left: { path: string; why: LeftReason }[];
  leftInAll: number;
  /** How many are at their old place still, and unchanged. */
  unmoved: number;
}

/** What came of looking for sources at another place. */
export interface RelinkReport {
  /** Found there with the same content: the project reads them from there now. */
  relinked: { from: string; to: string }[];
  /** Gone from their old place, and not found. */
  left: { path: string; why: LeftReason }[];
  /** How many are at their old place still, and unchanged. */
  unmoved: number;
}

export interface CompareSourcesTask {
  sources: {
    kind: SourceKind;
    /** Where it may be; the first place with its content is taken. */
    places: string[];
    hash: string;
    /** SHA-256 of the file alone; null for folders. */
    fileHash: string | null;
    /** Of the file, to tell how much there is to read; null for folders. */
    bytes: number | null;
  }[];
}

/** What came of one of them. */
export interface ComparedSourcePart {
  index: number;
  found: { place: string } | { why: LeftReason };
}
