import type { StudiesSummary, HashedFile } from '../../../src-preload/shared/contract/semantics-tasks';
import type { Database } from '../database';

/** What is kept of a vocabulary beside its maps. */
export interface VocabularyContent {
  /** What it was imported from, in words. */
  origin: string;
  terms: string[];
  topicWords: string[][] | null;
  studies: number[] | null;
  associatedVoxels: number[] | null;
  summary: StudiesSummary | null;
  /** null where the maps were ready. */
  threshold: number | null;
  voxels: number;
  files: HashedFile[];
}

/** A set of terms with a map of each. */
export interface Vocabulary {
  id: number;
  name: string;
  key: string;
  /** Term maps, relative to the project. */
  file: string;
  fileHash: string;
  maskHash: string;
  content: VocabularyContent;
  importedAt: string;
}

/** Stores a vocabulary in the place of one of the same name. */
export function storeVocabulary(database: Database, vocabulary: Omit<Vocabulary, 'id' | 'importedAt'>): number {
  const { id } = database
    .prepare(
      `INSERT INTO vocabulary (name, key, file, file_hash, mask_hash, content, imported_at)
       VALUES (@name, @key, @file, @fileHash, @maskHash, @content, @importedAt)
       ON CONFLICT (name) DO UPDATE SET key = excluded.key, file = excluded.file, file_hash = excluded.file_hash,
         mask_hash = excluded.mask_hash, content = excluded.content, imported_at = excluded.imported_at, removed_at = NULL
       RETURNING id`,
    )
    .get({ ...vocabulary, content: JSON.stringify(vocabulary.content), importedAt: new Date().toISOString() }) as { id: number };
  return id;
}

export function listVocabularies(database: Database): Vocabulary[] {
  const rows = database
    .prepare(
      `SELECT id, name, key, file, file_hash AS fileHash, mask_hash AS maskHash, content, imported_at AS importedAt
       FROM vocabulary WHERE removed_at IS NULL ORDER BY id`,
    )
    .all() as (Omit<Vocabulary, 'content'> & { content: string })[];
  return rows.map((row) => ({ ...row, content: JSON.parse(row.content) as VocabularyContent }));
}

/** Takes a vocabulary out of the project or puts it back; nothing is deleted. */
export function setVocabularyRemoved(database: Database, id: number, removed: boolean): void {
  database.prepare('UPDATE vocabulary SET removed_at = ? WHERE id = ?').run(removed ? new Date().toISOString() : null, id);
}

/** That the FBNs of an embedding were compared with a vocabulary. */
export interface Decoding {
  embeddingId: number;
  vocabularyId: number;
  /** What the r matrix [FBNs × terms] is stored under. */
  key: string;
  /** How they compare with random maps: what both p matrices [2 · FBNs × terms] are stored under; null where not asked for. */
  spatialNull: { key: string; permutations: number } | null;
  decodedAt: string;
}

/** Stores a decoding; one of the same key keeps its null where none is given. */
export function storeDecoding(database: Database, decoding: Omit<Decoding, 'decodedAt'>): void {
  const { embeddingId, vocabularyId, key, spatialNull } = decoding;
  database
    .prepare(
      `INSERT INTO decoding (embedding_id, vocabulary_id, key, null_key, null_permutations, decoded_at)
       VALUES (@embeddingId, @vocabularyId, @key, @nullKey, @permutations, @decodedAt)
       ON CONFLICT DO UPDATE SET key = excluded.key, decoded_at = excluded.decoded_at,
         null_key = coalesce(excluded.null_key, iif(decoding.key = excluded.key, decoding.null_key, NULL)),
         null_permutations = coalesce(excluded.null_permutations, iif(decoding.key = excluded.key, decoding.null_permutations, NULL))`,
    )
    .run({
      ...{ embeddingId, vocabularyId, key, decodedAt: new Date().toISOString() },
      ...{ nullKey: spatialNull?.key ?? null, permutations: spatialNull?.permutations ?? null },
    });
}

export function listDecodings(database: Database): Decoding[] {
  const rows = database
    .prepare(
      `SELECT embedding_id AS embeddingId, vocabulary_id AS vocabularyId, decoding.key, decoded_at AS decodedAt,
         null_key AS nullKey, null_permutations AS permutations
       FROM decoding JOIN vocabulary ON vocabulary.id = vocabulary_id WHERE removed_at IS NULL ORDER BY vocabulary_id`,
    )
    .all() as (Omit<Decoding, 'spatialNull'> & { nullKey: string | null; permutations: number | null })[];
  return rows.map(({ nullKey, permutations, ...decoding }) => ({
    ...decoding,
    spatialNull: nullKey === null ? null : { key: nullKey, permutations: permutations! },
  }));
}
