import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { listVocabularies, storeDecoding, type Vocabulary } from '../../project/queries/vocabularies';
import { decodingKey, spatialNullKey } from '../keys';
import { findDecoding } from '../semantics/decodings';
import { rankTerms, type FbnTerms } from '../semantics/terms';
import { chooseEmbedding } from './couple';

export interface DecodeOutput {
  embedding: number;
  vocabularies: {
    vocabulary: string;
    terms: number;
    /** Random maps behind p; null where there are none. */
    permutations: number | null;
    fbns: FbnTerms[];
  }[];
}

/** Of random maps: another seed would be another second opinion. */
const SEED = 0;

/**
 * Correlates every FBN's map with every term's, and with random maps where asked; what is there already is not computed again.
 */
export async function decode(input: ParsedJobInput<'decode'>, context: JobContext): Promise<DecodeOutput> {
  const { project } = context;
  const embedding = chooseEmbedding(project, input.embedding);
  const vocabularies = chooseVocabularies(project, input.vocabularies);
  await decodeMissing(embedding, vocabularies, input.permutations, context);
  return {
    embedding: embedding.id,
    vocabularies: vocabularies.map((vocabulary) => ({
      ...{ vocabulary: vocabulary.name, terms: vocabulary.content.terms.length },
      permutations: findDecoding(project, embedding.id, vocabulary.id)?.spatialNull?.permutations ?? null,
      fbns: rankTerms(project, embedding, vocabulary),
    })),
  };
}

async function decodeMissing(
  embedding: Embedding,
  vocabularies: readonly Vocabulary[],
  permutations: number | undefined,
  { project, runTask }: JobContext,
): Promise<void> {
  const wanted = vocabularies.map(({ id, name, file, key: termMaps }) => {
    const key = decodingKey({ embedding: embedding.key, termMaps });
    const draw = permutations === undefined ? null : { permutations, seed: SEED };
    return { id, name, file, key, spatialNull: draw && { ...draw, key: spatialNullKey({ decoding: key, ...draw }) } };
  });
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  const missing = wanted.filter(
    ({ key, spatialNull }) => !cache.hasCorrelation(key) || (spatialNull && !cache.hasCorrelation(spatialNull.key)),
  );
  cache.close();
  if (missing.length > 0) {
    await runTask('decode', {
      ...{ project: project.folder, mask: readMask(project.database, embedding.maskId)!.file },
      ...{ best: embedding.result!.best.file, activations: project.activationsFile },
      vocabularies: missing.map(({ id: _id, ...vocabulary }) => vocabulary),
    });
  }
  for (const { id, key, spatialNull } of wanted)
    storeDecoding(project.database, { embeddingId: embedding.id, vocabularyId: id, key, spatialNull });
}

function chooseVocabularies({ database }: Project, names: readonly string[] | undefined): Vocabulary[] {
  const all = listVocabularies(database);
  if (all.length === 0)
    throw new UserError({
      code: 'earlier-step-missing',
      what: 'the project has no terms',
      remedy: 'import some with `syncact import-terms`',
    });
  const unknown = names?.find((name) => !all.some((vocabulary) => vocabulary.name === name));
  if (unknown !== undefined) {
    throw new UserError({
      code: 'not-found',
      what: `there is no vocabulary "${unknown}"`,
      expected: all.map(({ name }) => name).join(', '),
    });
  }
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}
