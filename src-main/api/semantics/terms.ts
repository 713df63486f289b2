import type { WordKind } from '../../../src-preload/shared/domain/words';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import type { Database } from '../../project/database';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import type { Vocabulary } from '../../project/queries/vocabularies';
import { listWordKinds } from '../../project/queries/word-kinds';
import { guessKind } from '../../semantics/words/word-kinds';
import { findDecoding, readDecoding, readSpatialNull } from './decodings';

/** A term that an FBN's map is like, or unlike. */
export interface RankedTerm {
  term: string;
  r: number;
  kind: WordKind;
  /**
   * A second opinion: how often random maps as smooth as the FBN's are at least as like the term, and how often as like any term of the
   * vocabulary; null where they were not asked.
   */
  spatialNull: { p: number; familyP: number } | null;
}

export interface FbnTerms {
  fbn: number;
  /** Largest r first. */
  positive: RankedTerm[];
  /** Smallest r first. */
  negative: RankedTerm[];
}

/** Terms shown of each FBN by default. */
const TOP = 10;

/** The kind of every term of a vocabulary: as the user said, else as guessed. */
export function kindsOfTerms(database: Database, terms: readonly string[]): WordKind[] {
  const said = listWordKinds(database);
  return terms.map((term) => said.get(term) ?? guessKind(term));
}

/** The terms of every FBN, blocked ones left out; empty where the embedding was not decoded. */
export function rankTerms(project: Project, embedding: Embedding, vocabulary: Vocabulary, top = TOP): FbnTerms[] {
  const decoding = findDecoding(project, embedding.id, vocabulary.id);
  const r = decoding && readDecoding(project, decoding);
  if (!r) return [];
  const spatial = readSpatialNull(project, decoding);
  const { terms } = vocabulary.content;
  const kinds = kindsOfTerms(project.database, terms);
  return Array.from({ length: r.rows }, (_, fbn) => {
    const row = matrixRow(r, fbn);
    const order = [...row.keys()].filter((term) => kinds[term] !== 'blocked' && Number.isFinite(row[term]));
    order.sort((a, b) => row[b]! - row[a]!);
    const toTerm = (term: number): RankedTerm => {
      const at = fbn * r.columns + term;
      const spatialNull = spatial ? { p: spatial.p.data[at]!, familyP: spatial.familyP.data[at]! } : null;
      return { term: terms[term]!, r: row[term]!, kind: kinds[term]!, spatialNull };
    };
    return {
      fbn,
      positive: order
        .filter((term) => row[term]! > 0)
        .slice(0, top)
        .map(toTerm),
      negative: order
        .filter((term) => row[term]! < 0)
        .reverse()
        .slice(0, top)
        .map(toTerm),
    };
  });
}

/** A term as it is read: of a topic ("6_auditory_speech_temporal") its words, without its number. */
export function titleOfTerm(term: string): string {
  return /^\d+_/.test(term) ? term.replace(/^\d+_/, '').replaceAll('_', ', ') : term.replaceAll('_', ' ');
}
