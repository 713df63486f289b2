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
  /** Embeddings whose FBNs were compared with it. */
  embeddings: number[];
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
