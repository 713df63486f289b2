import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { readDecoding } from '../semantics/terms';
import { ByteCache } from '../byte-cache';
import { numbers, present, type ResourceRoute } from './resource';
import { listDecodings } from '../../project/queries/vocabularies';

/** r matrices [FBNs × terms] looked at last. */
const decodings = new ByteCache<Promise<Matrix>>(64 << 20);

export const semanticsResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/fbns\/(\d+)\/terms\/(\d+)\.f32$/,
    async answer(project, [embedding, fbn, vocabulary]) {
      const [embeddingId, vocabularyId] = [Number(embedding), Number(vocabulary)];
      const decoding = listDecodings(project.database).find(
        (one) => one.embeddingId === embeddingId && one.vocabularyId === vocabularyId,
      );
      const what = 'the FBNs were not compared with these terms yet';
      const r = await decodings.get(
        present(decoding, what).key,
        (matrix) => matrix.data.byteLength,
        async () => present(readDecoding(project, embeddingId, vocabularyId), what),
      );
      const row = Number(fbn);
      present(row < r.rows ? row : undefined, `there is no FBN ${row}`);
      return numbers(matrixRow(r, row), [r.columns]);
    },
  },
];
