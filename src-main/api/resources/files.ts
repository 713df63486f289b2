import { currentMask } from '../../project/queries/masks';
import { listRuns } from '../../project/queries/runs';
import { buildReportTable, tableNames, type TableFormat } from '../report';
import { fileResponse } from './file-response';
import { present, type ResourceRoute } from './resource';

const textTypes: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  tsv: 'text/tab-separated-values; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json',
};

export const fileResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/mask\.nii\.gz$/,
    answer(project, _parts, { request }) {
      const mask = present(currentMask(project.database), 'the project has no mask yet');
      return fileResponse(project.path(mask.file), request);
    },
  },
  {
    pattern: /^\/resource\/runs\/(\d+)\/mean\.nii\.gz$/,
    answer(project, [id], { request }) {
      const run = present(
        listRuns(project.database).find((one) => one.id === Number(id)),
        `there is no run ${id}`,
      );
      const file = present(run.meanFile, 'an older version imported this run and kept no mean image: import it again');
      return fileResponse(project.path(file), request);
    },
  },
  {
    pattern: /^\/resource\/report\/(\w+)\.(csv|tsv|md|json)$/,
    answer(project, [name, format], { url }) {
      present(tableNames.includes(name!) || undefined, `there is no table ${name}`);
      const embedding = url.searchParams.get('embedding');
      const table = buildReportTable(project, name!, embedding === null ? undefined : Number(embedding));
      return new Response(table.format(format as TableFormat), {
        headers: {
          'content-type': textTypes[format!]!,
          'content-disposition': `attachment; filename="table-${name}.${format}"`,
          'cache-control': 'no-store',
        },
      });
    },
  },
];
