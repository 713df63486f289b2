import type { WordKind } from '../domain/words';
import type { HashedFile, StudiesSummary } from './semantics-tasks';

/** A set of terms with a brain map of each. */
export interface VocabularyView {
  id: number;
  name: string;
  /** What it was imported from. */
  origin: string;
  terms: number;
  voxels: number;
  /** What was found in the database; null where the maps were ready. */
  studies: StudiesSummary | null;
  threshold: number | null;
  files: HashedFile[];
  importedAt: string;
  /** Embeddings whose FBNs are compared with it, and with how many random maps as a second opinion; null: with none. */
  decodings: { embedding: number; permutations: number | null }[];
  /** Whether it was made under the current mask. */
  maskIsCurrent: boolean;
}

export interface TermView {
  term: string;
  /** "6_auditory_speech_temporal" as it is read: "auditory, speech, temporal". */
  title: string;
  kind: WordKind;
  /** Whether the kind is the user's word, not a guess. */
  isChosen: boolean;
  /** Of a topic: its words, most typical first; null where the term is a word itself. */
  words: string[] | null;
  /** Studies that use it; null where the map was ready. */
  studies: number | null;
  /** Voxels of its map that pass FDR; null where the map was ready. */
  associatedVoxels: number | null;
}

/** Words to be found by. */
export interface WordsView {
  /** Terms as they are read, and the vocabulary that each is of. */
  terms: { term: string; title: string; vocabulary: string }[];
  /** Labels as they are read, and how many filters have each; those that do not pass do not count. */
  labels: { label: string; filters: number }[];
}

/** A filter with what one set of labels says of it. */
export interface LabelledFilter {
  modelId: number;
  model: string;
  layerId: number;
  layer: string;
  set: string;
  filter: number;
  /** As it is read; "no label" where it got none. */
  label: string;
  category: string | null;
  score: number | null;
  scoreName: 'IoU' | 'similarity' | null;
  chance: number | null;
  /** Whether the IoU is above 0.04; null where the score is no IoU. */
  passes: boolean | null;
}

/** FBNs whose maps are like a term's. */
export interface FbnsOfTerm {
  embedding: number;
  fbns: { fbn: number; r: number }[];
}

/** A cluster of an FBN's map. */
export interface ClusterView {
  /** MNI, mm, of the strongest voxel. */
  peak: [x: number, y: number, z: number];
  /** z over the map's voxels at the peak, signed. */
  z: number;
  voxels: number;
  /** mm³ */
  volume: number;
  side: 'left' | 'right' | 'middle';
  /** By the atlas; null without one, or where it names nothing. */
  label: string | null;
}

export interface FbnPeaks {
  embedding: number;
  fbns: { fbn: number; clusters: ClusterView[] }[];
}

/** Labels of the filters of a layer by one method. */
export interface LabelSetView {
  id: number;
  layerId: number;
  model: string;
  layer: string;
  filters: number | null;
  name: string;
  method: string;
  /** What the score is; null where there is none. */
  score: 'IoU' | 'similarity' | null;
  origin: string;
  /** How units were numbered in the file; null where labels were measured here. */
  numbering: string | null;
  labels: number;
  /** Labels whose IoU is above 0.04; null where the score is no IoU. */
  passing: number | null;
  importedAt: string;
}

/** Pictures that activate each filter of a layer most. */
export interface ImageSetView {
  id: number;
  layerId: number;
  model: string;
  layer: string;
  name: string;
  folder: string;
  pictures: number;
  madeAt: string;
}

/** Everything that is said of one filter. */
export interface FilterMeaning {
  labels: {
    set: string;
    method: string;
    label: string;
    category: string | null;
    score: number | null;
    scoreName: 'IoU' | 'similarity' | null;
    /** Whether the IoU is above 0.04; null where the score is no IoU. */
    passes: boolean | null;
    /** IoU by chance; null where it is not known. */
    chance: number | null;
    /** The best label of every category, best first. */
    candidates: { category: string; label: string; score: number; chance: number | null }[];
  }[];
  images: { set: number; name: string; pictures: { name: string; activation: number }[] }[];
}

/** What an import of labels would do. */
export interface LabelPlan {
  method: string;
  parts: {
    /** As the file names it; null where it does not. */
    fileLayer: string | null;
    units: number;
    /** The model's layer that it would be; null where that is not clear. */
    layer: string | null;
    firstUnit: 0 | 1;
    numberingBecause: string;
  }[];
}

/** A pair with what is said of either side. */
export interface CrossAnnotationRow {
  fbn: number;
  filter: number;
  r: number;
  /** t-test with N − 2 degrees of freedom, as in the paper. */
  p: number;
  /** The same with the effective N of the two series; null where it is not known. */
  correctedP: number | null;
  /** The term that the FBN's map is most like; null where there is none. */
  term: { term: string; title: string; r: number } | null;
  /** The filter's label; null where it has none that counts. */
  label: { label: string; category: string | null; score: number | null; chance: number | null } | null;
  /** Whether the words share a lemma or are on the list of related words. A hint, not a finding. */
  agreement: 'same word' | 'related' | null;
}

export interface CrossAnnotationView {
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  /** Where the words come from; null where there are none. */
  vocabulary: string | null;
  labels: string | null;
  rows: CrossAnnotationRow[];
  /** How often each term meets each label, most often first. */
  links: { term: string; label: string; pairs: number }[];
}
