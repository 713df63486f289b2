import { existsSync } from 'node:fs';
import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listEmbeddings } from '../../project/queries/embeddings';
import { listDecodings, listVocabularies, type Decoding } from '../../project/queries/vocabularies';
import { decodingKey } from '../keys';

/** What FBNs were compared with that still follows from their maps and the terms'. */
export function currentDecodings({ database }: Project): Decoding[] {
  const embeddings = new Map(listEmbeddings(database).map(({ id, key }) => [id, key]));
  const vocabularies = new Map(listVocabularies(database).map(({ id, key }) => [id, key]));
  return listDecodings(database).filter(({ key, embeddingId, vocabularyId }) => {
    const embedding = embeddings.get(embeddingId);
    const termMaps = vocabularies.get(vocabularyId);
    return embedding !== undefined && termMaps !== undefined && key === decodingKey({ embedding, termMaps });
  });
}

/** The decoding of an embedding by a vocabulary; undefined where they were not compared as they are now. */
export function findDecoding(project: Project, embeddingId: number, vocabularyId: number): Decoding | undefined {
  return currentDecodings(project).find((one) => one.embeddingId === embeddingId && one.vocabularyId === vocabularyId);
}

/** r [FBNs × terms]; undefined where the cache no longer holds it. */
export function readDecoding(project: Project, { key }: Pick<Decoding, 'key'>): Matrix | undefined {
  return readCached(project, key);
}

/** p of the spatial null, and p by the largest |r| over all terms, both [FBNs × terms]. */
export interface SpatialNullOfTerms {
  p: Matrix;
  familyP: Matrix;
}

/** What random maps say of a decoding; undefined where they were not asked. */
export function readSpatialNull(
  project: Project,
  { spatialNull }: Pick<Decoding, 'spatialNull'>,
): SpatialNullOfTerms | undefined {
  const both = spatialNull ? readCached(project, spatialNull.key) : undefined;
  if (!both) return undefined;
  const rows = both.rows / 2;
  const half = (first: number): Matrix => ({
    ...{ rows, columns: both.columns },
    data: both.data.subarray(first * both.columns, (first + rows) * both.columns),
  });
  return { p: half(0), familyP: half(rows) };
}

/** p and family-wise p of one FBN, one after the other: [2 × terms]. */
export function spatialNullOfFbn({ p, familyP }: SpatialNullOfTerms, fbn: number): Float32Array {
  const both = new Float32Array(2 * p.columns);
  both.set(matrixRow(p, fbn));
  both.set(matrixRow(familyP, fbn), p.columns);
  return both;
}

function readCached(project: Project, key: string): Matrix | undefined {
  if (!existsSync(project.activationsFile)) return undefined;
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return cache.readCorrelation(key);
  } finally {
    cache.close();
  }
}
