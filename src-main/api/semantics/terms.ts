import { existsSync } from 'node:fs';
import type { WordKind } from '../../../src-preload/shared/domain/words';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { ActivationCache } from '../../project/activation-cache';
import type { Database } from '../../project/database';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { listDecodings, type Vocabulary } from '../../project/queries/vocabularies';
import { listWordKinds } from '../../project/queries/word-kinds';
import { guessKind } from '../../semantics/words/word-kinds';

/** A term that an FBN's map is like, or unlike. */
export interface RankedTerm {
  term: string;
  r: number;
  kind: WordKind;
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

/** r [FBNs × terms] of an embedding with a vocabulary; undefined where they were not compared. */
export function readDecoding(project: Project, embeddingId: number, vocabularyId: number): Matrix | undefined {
  const decoding = listDecodings(project.database).find(
    (one) => one.embeddingId === embeddingId && one.vocabularyId === vocabularyId,
  );
  if (!decoding || !existsSync(project.activationsFile)) return undefined;
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return cache.readCorrelation(decoding.key);
  } finally {
    cache.close();
  }
}

/** The terms of every FBN, blocked ones left out; empty where the embedding was not decoded. */
export function rankTerms(project: Project, embedding: Embedding, vocabulary: Vocabulary, top = TOP): FbnTerms[] {
  const r = readDecoding(project, embedding.id, vocabulary.id);
  if (!r) return [];
  const { terms } = vocabulary.content;
  const kinds = kindsOfTerms(project.database, terms);
  return Array.from({ length: r.rows }, (_, fbn) => {
    const row = matrixRow(r, fbn);
    const order = [...row.keys()].filter((term) => kinds[term] !== 'blocked' && Number.isFinite(row[term]));
    order.sort((a, b) => row[b]! - row[a]!);
    const toTerm = (term: number): RankedTerm => ({ term: terms[term]!, r: row[term]!, kind: kinds[term]! });
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
