import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import type { Table } from '../../report/table';
import { buildReportTable } from '../report';
import { orNothing } from './or-nothing';

/** Pairs in the table of a report: all of them are in the BIDS derivative. */
const SHOWN_PAIRS = 48;

/**
 * The tables that a project can fill, in the order of a report; the table of pairs shortened to the best. Captions say the mode and
 * what the numbers are of.
 */
export async function reportTables(project: Project, embedding: Embedding): Promise<Table[]> {
  const ofPaper = { 128: '5', 256: '6', 512: '7' }[embedding.fbns] ?? '1';
  const names = [ofPaper, '3', '8', '4', 'regression', 'layers', 'hierarchy', 'stability', 'ceiling', 'confounds', 'hubs'];
  const tables = await Promise.all(names.map((name) => orNothing(() => buildReportTable(project, name, embedding.id).table)));
  const filled = tables.flat().filter(hasRows).map(withoutEmptyColumns);
  const pairs = await orNothing(() => bestPairs(buildReportTable(project, 'pairs', embedding.id).table));
  const told = describeSamples(project, embedding);
  return [...filled, ...pairs].map((table) => ({ ...table, caption: `${table.caption} ${told}` }));
}

/** Mode, time points and subjects, as a caption says them. */
function describeSamples({ database }: Project, { id, result }: Embedding): string {
  const couplings = listCouplings(database, id);
  const points = couplings.map(({ timePoints }) => timePoints);
  const [least, most] = [Math.min(...points), Math.max(...points)];
  const subjects = result!.testSubjects.length;
  return [
    couplings.some(({ correction }) => correction) ? 'Mode: paper, with what corrected mode adds.' : 'Mode: paper.',
    ...(points.length > 0 ? [`N = ${least === most ? least : `${least} to ${most}`} time points in each movie run.`] : []),
    ...(subjects > 0 ? [`FBN activations are means over ${subjects} test ${subjects === 1 ? 'subject' : 'subjects'}.`] : []),
  ].join(' ');
}

/** What is known of none, such as published values of other data, takes no place. */
function withoutEmptyColumns(table: Table): Table {
  const isFilled = ({ name }: Table['columns'][number]) => table.rows.some((row) => (row[name] ?? null) !== null);
  return { ...table, columns: table.columns.filter(isFilled) };
}

const hasRows = ({ rows }: Table) => rows.length > 0;

function bestPairs(table: Table): Table {
  const best = table.rows.toSorted((a, b) => Number(b.r) - Number(a.r)).slice(0, SHOWN_PAIRS);
  if (best.length === table.rows.length) return table;
  const caption = `The ${best.length} largest r of ${table.rows.length} pairs. ${table.caption}`;
  return { ...table, title: `${table.title}: the best`, caption, rows: best };
}
