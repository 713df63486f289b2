import { distinctPairColumns } from '../../project/queries/pair-places';
import type { Direction } from '../../project/queries/couplings';
import { exportAnnotations, exportBids, zipOf, type AnnotationFormat } from '../annotations/exchange';
import { queueTable } from '../annotations/list';
import { numbers, type ResourceRoute } from './resource';

const types: Record<string, string> = {
  ...{ csv: 'text/csv; charset=utf-8', tsv: 'text/tab-separated-values; charset=utf-8', json: 'application/json' },
  ...{ jsonl: 'application/x-ndjson', 'bids.zip': 'application/zip' },
};

export const annotationResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/pairs\/(fbn-to-filter|filter-to-fbn)\.f64$/,
    answer(project, [embedding, direction]) {
      const table = queueTable(project, Number(embedding), direction as Direction);
      return numbers(table, [table.length / distinctPairColumns, distinctPairColumns]);
    },
  },
  {
    pattern: /^\/resource\/annotations\.(csv|tsv|json|jsonl|bids\.zip)$/,
    answer(project, [format], { url }) {
      const author = url.searchParams.get('author') ?? undefined;
      const body =
        format === 'bids.zip'
          ? new Uint8Array(zipOf(exportBids(project, author)))
          : exportAnnotations(project, format as AnnotationFormat, author);
      return new Response(body, {
        headers: {
          'content-type': types[format!]!,
          'content-disposition': `attachment; filename="annotations.${format}"`,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        },
      });
    },
  },
];
