/** What made a file of labels; said to the user, and what the score is called by. */
export type LabelMethod = 'netdissect' | 'dissect' | 'clip-dissect' | 'milan' | 'table';

/** One of several labels that a filter was measured against. */
export interface LabelCandidate {
  category: string;
  label: string;
  /** IoU with that concept. */
  score: number;
}

/** What a file says of one filter. */
export interface FileLabel {
  /** As numbered in the file. */
  unit: number;
  /** Where in the file, for errors: "line 12". */
  place: string;
  /** Empty where the filter got none. */
  label: string;
  category: string | null;
  /** IoU, or similarity where the method has no IoU; null where the file has none. */
  score: number | null;
  /** The best label of every category, where the file has them. */
  candidates: LabelCandidate[];
}

/** The labels of a file, by the layers it is of. */
export interface LabelFile {
  path: string;
  method: LabelMethod;
  /** What the score is; null where there is none. */
  score: 'IoU' | 'similarity' | null;
  /** Number of the first filter as the method counts by custom. */
  customaryFirst: 0 | 1;
  layers: { name: string | null; labels: FileLabel[] }[];
}

/** IoU above which Network Dissection takes a label for one (Bau et al. 2017). */
export const IOU_THRESHOLD = 0.04;
