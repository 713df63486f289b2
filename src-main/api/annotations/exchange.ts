import { readFile, stat } from 'node:fs/promises';
import { zipSync, strToU8 } from 'fflate';
import type { AnnotationImportPlan, PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import type { AnnotationEvent, PairIdentity } from '../../../src-preload/shared/contract/annotations';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { annotationFiles } from '../../annotation/bids';
import { planImport, type ImportPlan } from '../../annotation/import-plan';
import { logAsText, readLog } from '../../annotation/log-file';
import { documentSchema, rowsOf, type AnnotationDocument } from '../../annotation/rows';
import { readTable, rowsAsCsv, rowsAsTsv } from '../../annotation/table-text';
import { hashBytes } from '../../files/hash';
import type { Project } from '../../project/project';
import { readProjectName } from '../../project/queries/project-name';
import { datasetDescription } from '../../report/derivative';
import { listAnnotationEvents } from '../../project/queries/annotation-events';
import { listEmbeddings } from '../../project/queries/embeddings';
import { programVersion } from '../version';
import { annotationLog } from './log';
import { PairPlaces } from './pairs';

export const annotationFormats = ['csv', 'tsv', 'json', 'jsonl'] as const;
export type AnnotationFormat = (typeof annotationFormats)[number];

/** A project's annotations as the text of a file. @param author only this one's; everybody's by default */
export function exportAnnotations(project: Project, format: AnnotationFormat, author?: string): string {
  const { state, vocabulary } = annotationLog(project);
  if (format === 'jsonl') {
    const events = listAnnotationEvents(project.database).map(({ content }) => JSON.parse(content) as AnnotationEvent);
    return logAsText(events, author);
  }
  const rows = rowsOf(state, vocabulary, author);
  if (format === 'csv') return rowsAsCsv(rows);
  if (format === 'tsv') return rowsAsTsv(rows);
  const document: AnnotationDocument = {
    ...{ format: 'syncact-annotations', version: 1, program: programVersion, project: readProjectName(project.database) },
    ...{ tags: vocabulary.tags, annotations: rows },
  };
  return `${JSON.stringify(documentSchema.parse(document), null, 1)}\n`;
}

/** The files of a BIDS derivative with the annotations, by path in it. */
export function exportBids(project: Project, author?: string): Record<string, string> {
  const { state, vocabulary } = annotationLog(project);
  return {
    'dataset_description.json': datasetDescription({
      name: `${readProjectName(project.database)}: curated pairs of FBNs and filters`,
      ...{ program: programVersion, description: 'Annotations made by hand' },
    }),
    ...annotationFiles(rowsOf(state, vocabulary, author)),
  };
}

export function zipOf(files: Record<string, string>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, strToU8(content)])));
}

/** Files of annotations are text that people edit: what is larger is something else. */
const LARGEST_FILE = 512 << 20;

async function readText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > LARGEST_FILE)
    throw new UserError({
      code: 'file-too-large',
      what: 'this is too large for a file of annotations',
      file,
      found: `${size} bytes`,
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (caught) {
    if (caught instanceof TypeError)
      throw new UserError({ code: 'file-kind', what: 'the file is no UTF-8 text', file, remedy: 'save it as UTF-8' });
    throw caught;
  }
}

/** What an edited table would change of an author's annotations. @throws UserError where it is no table */
export async function readEdited(project: Project, file: string, author: string): Promise<{ plan: ImportPlan; hash: string }> {
  const text = await readText(file);
  const { state, vocabulary } = annotationLog(project);
  let table: ReturnType<typeof readTable>;
  try {
    table = readTable(text);
  } catch (caught) {
    throw new UserError({
      code: 'file-kind',
      ...{ what: 'the file is no table', file, expected: 'CSV or TSV with the columns of an export' },
      found: (caught as Error).message,
    });
  }
  return { plan: planImport(state, vocabulary, author, table), hash: hashBytes(text) };
}

export async function viewImportPlan(project: Project, file: string, author: string): Promise<AnnotationImportPlan> {
  const { plan, hash } = await readEdited(project, file, author);
  const place = placeFinder(project);
  return { ...plan, hash, changes: plan.changes.map(({ identity, what, fields }) => ({ what, pair: place(identity), fields })) };
}

/** Adds the events of a file of another machine. @throws UserError naming a line that is none; nothing is added then */
export async function mergeLog(project: Project, file: string): Promise<{ added: number; known: number }> {
  const events = readLog(await readText(file), file);
  const added = annotationLog(project).merge(events);
  return { added, known: events.length - added };
}

/** Where a pair is in this project; null where its embedding or model is not in it. */
export function placeFinder(project: Project): (identity: PairIdentity) => PairPlace | null {
  const places = new PairPlaces(project);
  const embeddings = new Map(listEmbeddings(project.database).map(({ id, key }) => [key, id]));
  return (identity) => {
    const [embedding, layer] = [embeddings.get(identity.embedding), places.layerOf(identity)];
    return embedding === undefined || layer === undefined
      ? null
      : { embedding, layer, fbn: identity.fbn, filter: identity.filter };
  };
}
