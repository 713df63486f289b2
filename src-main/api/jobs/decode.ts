import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { readMask } from '../../project/queries/masks';
import { listVocabularies, storeDecoding, type Vocabulary } from '../../project/queries/vocabularies';
import { decodingKey } from '../keys';
import { rankTerms, type FbnTerms } from '../semantics/terms';
import { chooseEmbedding } from './couple';

export interface DecodeOutput {
  embedding: number;
  vocabularies: { vocabulary: string; terms: number; fbns: FbnTerms[] }[];
}

/** Correlates every FBN's map with every term's; what is there already is not computed again. */
export async function decode(input: ParsedJobInput<'decode'>, context: JobContext): Promise<DecodeOutput> {
  const { project } = context;
  const embedding = chooseEmbedding(project, input.embedding);
  const vocabularies = chooseVocabularies(project, input.vocabularies);
  await decodeMissing(embedding, vocabularies, context);
  return {
    embedding: embedding.id,
    vocabularies: vocabularies.map((vocabulary) => ({
      ...{ vocabulary: vocabulary.name, terms: vocabulary.content.terms.length },
      fbns: rankTerms(project, embedding, vocabulary),
    })),
  };
}

async function decodeMissing(
  embedding: Embedding,
  vocabularies: readonly Vocabulary[],
  { project, runTask }: JobContext,
): Promise<void> {
  const wanted = vocabularies.map(({ id, name, file, key }) => ({
    ...{ id, name, file },
    key: decodingKey({ embedding: embedding.key, termMaps: key }),
  }));
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  const missing = wanted.filter(({ key }) => !cache.hasCorrelation(key));
  cache.close();
  if (missing.length > 0) {
    await runTask('decode', {
      ...{ project: project.folder, mask: readMask(project.database, embedding.maskId)!.file },
      ...{ best: embedding.result!.best.file, activations: project.activationsFile },
      vocabularies: missing.map(({ name, file, key }) => ({ name, file, key })),
    });
  }
  for (const { id, key } of wanted) storeDecoding(project.database, { embeddingId: embedding.id, vocabularyId: id, key });
}

function chooseVocabularies({ database }: Project, names: readonly string[] | undefined): Vocabulary[] {
  const all = listVocabularies(database);
  if (all.length === 0)
    throw new UserError({ what: 'the project has no terms', remedy: 'import some with `syncact import-terms`' });
  const unknown = names?.find((name) => !all.some((vocabulary) => vocabulary.name === name));
  if (unknown !== undefined) {
    throw new UserError({
      what: `there is no vocabulary "${unknown}"`,
      expected: all.map(({ name }) => name).join(', '),
    });
  }
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}
