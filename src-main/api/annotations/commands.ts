import { mkdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import type { AgreementView, AnnotationImportPlan, CarryView } from '../../../src-preload/shared/contract/annotation-views';
import { authorSchema, emptyAnnotation, tagNameSchema, type Annotation } from '../../../src-preload/shared/contract/annotations';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { annotationOf, listAuthors } from '../../annotation/replay';
import { rowsOf, type AnnotationRow } from '../../annotation/rows';
import { writeContentAtomically } from '../../files/atomic-write';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import { chooseEmbedding } from '../jobs/couple';
import { carryEvents, viewCarry, type Carry } from './carry';
import { annotationFormats, exportAnnotations, exportBids, mergeLog, viewImportPlan, type AnnotationFormat } from './exchange';
import { importEvents } from './import-events';
import { listAnnotations, namedFilter } from './list';
import { annotationLog, type NewEvent } from './log';
import { PairPlaces } from './pairs';
import { viewAgreement } from './two-raters';

export { annotationFormats, exportAnnotations, listAnnotations, namedFilter, type AnnotationFormat, type Carry };

/** Writes a file in the format that its ending names. @throws UserError for other endings */
export async function writeAnnotations(project: Project, file: string, author?: string): Promise<void> {
  const format = annotationFormats.find((name) => extname(file).toLowerCase() === `.${name}`);
  if (!format) {
    const expected = annotationFormats.map((name) => `.${name}`).join(', ');
    throw new UserError({ code: 'format-unknown', what: 'the ending of the file does not say which format', file, expected });
  }
  await writeContentAtomically(file, exportAnnotations(project, format, author));
}

/** Writes a BIDS derivative. @returns the files written */
export async function writeBids(project: Project, folder: string, author?: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files = Object.entries(exportBids(project, author)).map(([path, content]) => ({ path: join(folder, path), content }));
  for (const { path, content } of files) await writeContentAtomically(path, content);
  return files.map(({ path }) => path);
}

export async function mergeLogs(
  project: Project,
  files: readonly string[],
): Promise<{ file: string; added: number; known: number }[]> {
  const merged = [];
  for (const file of files) merged.push({ file, ...(await mergeLog(project, file)) });
  return merged;
}

/** What an edited table changes; the changes are made on request. */
export async function applyEdited(
  project: Project,
  file: string,
  author: string,
  apply: boolean,
): Promise<AnnotationImportPlan & { applied: boolean }> {
  const plan = await viewImportPlan(project, file, checkAuthor(author));
  const applied = apply && plan.problems.length === 0 && plan.changes.length > 0;
  if (applied) annotationLog(project).append(await importEvents(project, { id: newId(), author, file, hash: plan.hash }));
  return { ...plan, applied };
}

/** What goes over from one embedding's annotations to another's; it is written on request. */
export async function carryOver(project: Project, carry: Carry, apply: boolean): Promise<CarryView & { applied: boolean }> {
  const known = { ...carry, author: checkAuthor(carry.author) };
  const view = await viewCarry(project, known);
  const applied = apply && view.carried > 0;
  if (applied) annotationLog(project).append(await carryEvents(project, newId(), known));
  return { ...view, applied };
}

/** Agreement of two raters; of the only two where none are named. */
export function measureAgreement(project: Project, raters?: readonly string[]): AgreementView {
  const known = listAuthors(annotationLog(project).state).map(({ author }) => author);
  const [first, second, third] = raters ?? known;
  if (first === undefined || second === undefined || third !== undefined) {
    throw new UserError({
      code: 'annotation-refused',
      ...{ what: 'agreement is between two raters', expected: '--raters NAME,NAME' },
      found: known.join(', ') || 'no raters',
    });
  }
  const unknown = [first, second].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UserError({
      code: 'not-found',
      what: `there is no rater ${unknown}`,
      expected: `one of ${known.join(', ') || 'none yet'}`,
    });
  return viewAgreement(project, [first, second]);
}

export interface NamedAnnotation {
  author: string;
  fbn: number;
  filter: number;
  embedding: number | undefined;
  model: string | undefined;
  layer: string | undefined;
  patch: { [Field in keyof Omit<Annotation, 'tags'>]?: Annotation[Field] | undefined };
  /** Names of tags to add. */
  tags: readonly string[];
}

/** Annotates a pair named in words; what is not said stays as it was. @throws UserError where the names do not fit one pair */
export function annotateByName(project: Project, named: NamedAnnotation): AnnotationRow {
  const author = checkAuthor(named.author);
  const embedding = chooseEmbedding(project, named.embedding).id;
  const layer = findLayer(project, embedding, named);
  const log = annotationLog(project);
  const places = new PairPlaces(project);
  const pair = { embedding, layer, fbn: named.fbn, filter: named.filter };
  const identity = places.identity(pair);
  const before = annotationOf(log.state, identity, author);
  const group = newId();
  const { ids, events } = addedTags(project, named.tags, author, group);
  const given = Object.fromEntries(Object.entries(named.patch).filter(([, value]) => value !== undefined)) as Partial<Annotation>;
  const old = before ?? emptyAnnotation;
  const kept = { status: old.status === 'unseen' ? ('skipped' as const) : old.status };
  const after: Annotation = { ...old, ...kept, ...given, tags: [...new Set([...old.tags, ...ids])] };
  const action = after.status === 'rejected' ? 'reject' : 'edit';
  log.append([
    ...events,
    {
      ...{ kind: 'decision', id: newId(), group, author, action, pair: identity, before, after, suggestion: null },
      basis: places.basis(pair),
    },
  ]);
  return rowsOf(log.state, log.vocabulary, author).find(
    (row) =>
      row.fbn === identity.fbn &&
      row.filter === identity.filter &&
      row.layer === identity.layer &&
      row.model_hash === identity.model,
  )!;
}

/** Ids of tags by name; those that are new come with the events that make them. */
function addedTags(
  project: Project,
  names: readonly string[],
  author: string,
  group: string,
): { ids: string[]; events: NewEvent[] } {
  const { vocabulary } = annotationLog(project);
  const events: NewEvent[] = [];
  const ids = names.map((name) => {
    const known = vocabulary.tags.find((tag) => tag.name.toLocaleLowerCase('en') === name.toLocaleLowerCase('en'));
    if (known) return known.id;
    const parsed = tagNameSchema.safeParse(name);
    if (!parsed.success) throw new UserError({ code: 'annotation-refused', what: 'this is no name of a tag', found: name });
    const tag = newId();
    events.push({ kind: 'tag', id: newId(), group, author, tag, change: { what: 'add', name: parsed.data } });
    return tag;
  });
  return { ids, events };
}

function findLayer(project: Project, embedding: number, { model, layer }: Pick<NamedAnnotation, 'model' | 'layer'>): number {
  const found = new Map(
    listCouplings(project.database, embedding)
      .filter((one) => (model ?? one.model) === one.model && (layer ?? one.layer) === one.layer)
      .map((one) => [one.layerId, `${one.model} ${one.layer}`]),
  );
  const [id] = found.keys();
  if (id !== undefined && found.size === 1) return id;
  throw new UserError({
    code: 'ambiguous',
    what: id === undefined ? 'no such layer is coupled' : 'the filter could be of several layers',
    ...(found.size > 0 && { found: [...found.values()].join(', ') }),
    remedy: 'name one with --model and --layer; `syncact info` lists them',
  });
}

function checkAuthor(author: string): string {
  const parsed = authorSchema.safeParse(author);
  if (parsed.success) return parsed.data;
  throw new UserError({
    code: 'annotation-refused',
    what: 'this is no name of an author',
    found: author,
    expected: 'up to 80 letters on one line',
  });
}
