import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { findDecoding, readDecoding, readSpatialNull, spatialNullOfFbn, type SpatialNullOfTerms } from '../semantics/decodings';
import { ByteCache } from '../byte-cache';
import { wordListText } from '../semantics/word-lists';
import { bytes, numbers, present, type ResourceRoute } from './resource';
import { listImageSets } from '../../project/queries/image-sets';
import { openFilterPictures } from '../../semantics/dissection/picture-file';

/** r matrices [FBNs × terms] looked at last. */
const decodings = new ByteCache<Promise<Matrix>>(64 << 20);
const spatialNulls = new ByteCache<Promise<SpatialNullOfTerms>>(64 << 20);

export const semanticsResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/fbns\/(\d+)\/terms\/(\d+)\.f32$/,
    async answer(project, [embedding, fbn, vocabulary]) {
      const [embeddingId, vocabularyId] = [Number(embedding), Number(vocabulary)];
      const what = 'the FBNs were not compared with these terms yet';
      const decoding = present(findDecoding(project, embeddingId, vocabularyId), what);
      const r = await decodings.get(
        decoding.key,
        (matrix) => matrix.data.byteLength,
        async () => present(readDecoding(project, decoding), what),
      );
      const row = Number(fbn);
      present(row < r.rows ? row : undefined, `there is no FBN ${row}`);
      return numbers(matrixRow(r, row), [r.columns]);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/fbns\/(\d+)\/terms\/(\d+)\.null\.f32$/,
    async answer(project, [embedding, fbn, vocabulary]) {
      const what = 'the FBNs were not compared with random maps yet';
      const decoding = present(findDecoding(project, Number(embedding), Number(vocabulary)), what);
      const found = await spatialNulls.get(
        present(decoding.spatialNull, what).key,
        ({ p }) => 2 * p.data.byteLength,
        async () => present(readSpatialNull(project, decoding), what),
      );
      const row = Number(fbn);
      present(row < found.p.rows ? row : undefined, `there is no FBN ${row}`);
      return numbers(spatialNullOfFbn(found, row), [2, found.p.columns]);
    },
  },
  {
    pattern: /^\/resource\/semantics\/words-(chosen|all)\.tsv$/,
    answer: (project, [which]) =>
      new Response(wordListText(project, which === 'all'), {
        headers: {
          'content-type': 'text/tab-separated-values; charset=utf-8',
          'content-disposition': `attachment; filename="words-${which}.tsv"`,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        },
      }),
  },
  {
    pattern: /^\/resource\/semantics\/images\/(\d+)\/filters\/(\d+)\/(\d+)\.jpg$/,
    async answer(project, [set, filter, rank]) {
      const found = listImageSets(project.database).find(({ id }) => id === Number(set));
      const file = await openFilterPictures(project.path(present(found, 'these pictures are gone').file));
      try {
        return bytes(await file.read(Number(filter), Number(rank)), 'image/jpeg', 'private, max-age=600');
      } finally {
        await file.close();
      }
    },
  },
];
