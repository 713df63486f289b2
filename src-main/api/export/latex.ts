import { writeContentAtomically } from '../../files/atomic-write';
import type { Project } from '../../project/project';
import { formatTable } from '../../report/format-table';
import { chooseEmbedding } from '../jobs/couple';
import { newestCoupled } from './report';
import { reportTables } from './report-tables';

/** Writes every table that a project can fill into one LaTeX file, to be read by \input; it appears whole or not at all. */
export async function exportLatex(
  project: Project,
  file: string,
  choice: { embedding?: number | undefined },
): Promise<{ file: string; tables: string[] }> {
  const embedding = chooseEmbedding(project, choice.embedding ?? newestCoupled(project));
  const tables = await reportTables(project, embedding);
  const text = tables.map((table) => formatTable(table, 'tex')).join('\n');
  await writeContentAtomically(file, text);
  return { file, tables: tables.map(({ table }) => String(table)) };
}
