import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkProject } from '../../../src-main/api/check';
import { relink } from '../../../src-main/api/jobs/relink';
import { findMissingSources, planRelink } from '../../../src-main/api/relink';
import { findStale } from '../../../src-main/api/staleness';
import { compareSourcesTask } from '../../../src-main/compute/tasks/sources';
import { hashFile } from '../../../src-main/files/hash';
import type { JobContext } from '../../../src-main/jobs/queue';
import type { Project } from '../../../src-main/project/project';
import { listEmbeddings } from '../../../src-main/project/queries/embeddings';
import { listLabelSets } from '../../../src-main/project/queries/filter-labels';
import { listImageSets } from '../../../src-main/project/queries/image-sets';
import { currentMask } from '../../../src-main/project/queries/masks';
import { listModels } from '../../../src-main/project/queries/models';
import { listMovies } from '../../../src-main/project/queries/movie-runs';
import { listRecordedSources } from '../../../src-main/project/queries/recorded-sources';
import { listRuns } from '../../../src-main/project/queries/runs';
import { addSource, findUnchangedSourceHash, listSources } from '../../../src-main/project/queries/sources';
import { listVocabularies } from '../../../src-main/project/queries/vocabularies';
import type { LeftReason } from '../../../src-preload/shared/contract/sources';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { everySource, makeEverySource, weightsFile } from './every-source';

let [folder, old, now]: string[] = [];
let project: Project;

beforeEach(async () => {
  ({ folder, old, project } = await makeEverySource());
  now = join(folder!, 'now');
});
afterEach(() => project.close());

/** What a job works with; the comparison runs in this process. @param signal cancels it */
function context(signal = new AbortController().signal, warnings: string[] = []): JobContext {
  const work = { ...quietContext(), signal, warn: (message: string) => void warnings.push(message) };
  const runTask = (_name: string, input: never, part: (part: unknown) => void) => compareSourcesTask(input, { ...work, part });
  return { ...work, project, finishSignal: signal, runTask } as unknown as JobContext;
}

function relinkTo(from: string, to: string, warnings: string[] = []) {
  return relink({ from, to }, context(undefined, warnings));
}

/** Every path that the database names, wherever. */
function everyPath(): string[] {
  const { database } = project;
  const [labels, dissection] = listLabelSets(database);
  return [
    ...listSources(database).map(({ path }) => path),
    ...listRuns(database).map(({ sourcePath }) => sourcePath),
    ...listMovies(database).map(({ source }) => source),
    ...listModels(database).map(({ sourcePath }) => sourcePath),
    ...listEmbeddings(database).flatMap(({ inputs, settings }) => [
      ...inputs.sources!.map(({ path }) => path),
      String(settings.maps),
    ]),
    ...listVocabularies(database).flatMap(({ content }) => [content.files[0]!.path, content.origin]),
    ...[labels!.content.origin, dissection!.content.origin],
    ...listImageSets(database).map(({ folder: pictures }) => pictures),
    currentMask(database)!.origin,
  ];
}

test('sources of every kind are known, with what was made of them', () => {
  const sources = listRecordedSources(project.database);
  expect(sources.map(({ path }) => path)).toEqual(
    Object.values(everySource)
      .map((path) => join(old!, path))
      .sort(),
  );
  const names = new Map(
    sources.map(({ path, kind, uses }) => [path.slice(old!.length + 1), [kind, ...uses.map((use) => use.name)]]),
  );
  expect(names.get(everySource.scan)).toEqual(['file', 'scan sub-01 clip']);
  expect(names.get(everySource.frames)).toEqual(['frames', 'movie of stills']);
  expect(names.get(everySource.network)).toEqual(['model with weights beside it', 'CNN net']);
  expect(names.get(everySource.checkpoint)).toEqual(['file', 'CNN converted']);
  expect(names.get(everySource.table)).toEqual(['file', 'FBNs melodic']);
  expect(names.get(everySource.labelledPictures)).toEqual(['labelled pictures', 'pictures dissection']);
  expect(names.get(everySource.mask)).toEqual(['file', 'brain mask']);
});

test('everything that was moved is missing, is found at its new place, and is named by it wherever it was named', async () => {
  const before = everyPath();
  renameSync(old!, now!);
  expect(findMissingSources(project)).toMatchObject({ folders: [{ folder: old, sources: 12 }, {}, {}, {}, {}, {}, {}, {}] });
  expect(findStale(project).filter(({ why }) => /the (file|folder) is no longer there/.test(why))).toHaveLength(12);
  const report = await relinkTo(old!, now!);
  expect(report).toMatchObject({ left: [], unmoved: 0 });
  expect(report.relinked.map(({ to }) => to).sort()).toEqual(
    Object.values(everySource)
      .map((path) => join(now!, path))
      .sort(),
  );
  expect(everyPath().sort()).toEqual(before.map((path) => path.replace(old!, now!)).sort());
  expect(findMissingSources(project)).toEqual({ sources: [], folders: [] });
  const options = { signal: new AbortController().signal, sources: true, progress: () => undefined };
  expect((await checkProject(project, options)).sources).toEqual([]);
  // Nobody reads it anew where it is imported again.
  expect(findUnchangedSourceHash(project.database, join(now!, everySource.scan))).toBe(
    await hashFile(join(now!, everySource.scan)),
  );
  expect(await relinkTo(now!, now!)).toEqual({ relinked: [], left: [], unmoved: 12 });
});

test('of each kind, what is not there and what has another content stays as it was, and is listed with the reason', async () => {
  const before = everyPath();
  renameSync(old!, now!);
  const spoil: [keyof typeof everySource, LeftReason, () => void][] = [];
  const at = (name: keyof typeof everySource) => join(now!, everySource[name]);
  const flip = (path: string) => () =>
    writeFileSync(
      path,
      readFileSync(path).map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
    );
  for (const name of ['scan', 'video', 'checkpoint', 'maps', 'table', 'terms', 'labels', 'mask'] as const)
    spoil.push([name, 'another content', flip(at(name))]);
  spoil.push(['network', 'other weights beside it', flip(join(now!, weightsFile))]);
  spoil.push(['frames', 'another content', () => cpSync(join(at('frames'), 'frame-1.png'), join(at('frames'), 'frame-2.png'))]);
  spoil.push(['pictures', 'another content', () => rmSync(join(at('pictures'), 'picture-2.png'))]);
  spoil.push(['labelledPictures', 'another content', flip(join(at('labelledPictures'), 'label.csv'))]);
  for (const [, , change] of spoil) change();
  const report = await relinkTo(old!, now!);
  expect(report.relinked).toEqual([]);
  const wanted = spoil.map(([name, why]) => ({ path: join(old!, everySource[name]), why }));
  expect(new Set(report.left)).toEqual(new Set(wanted));
  rmSync(now!, { recursive: true });
  mkdirSync(now!);
  const warnings: string[] = [];
  const gone = await relinkTo(old!, now!, warnings);
  expect(gone.left).toHaveLength(12);
  expect(new Set(gone.left.map(({ why }) => why))).toEqual(new Set(['not there']));
  expect(warnings).toContain(`left as it is: ${join(old!, everySource.scan)} (not there)`);
  expect(everyPath()).toEqual(before);
});

test('weights that are missing, frames without numbers, and a file where a folder was are told from what they were', async () => {
  renameSync(old!, now!);
  rmSync(join(now!, weightsFile));
  renameSync(join(now!, everySource.frames, 'frame-1.png'), join(now!, everySource.frames, 'first.png'));
  rmSync(join(now!, everySource.pictures), { recursive: true });
  writeFileSync(join(now!, everySource.pictures), '');
  const { left } = await relinkTo(old!, now!);
  expect(new Map(left.map(({ path, why }) => [path.slice(old!.length + 1), why]))).toEqual(
    new Map<string, LeftReason>([
      [everySource.network, 'other weights beside it'],
      [everySource.frames, 'another content'],
      [everySource.pictures, 'not there'],
    ]),
  );
});

test('pictures of an older version have no hash, and stay as they are', async () => {
  project.database.prepare(`UPDATE image_set SET content = json_remove(content, '$.sourceHash') WHERE name = 'plain'`).run();
  renameSync(old!, now!);
  expect((await relinkTo(old!, now!)).left).toEqual([{ path: join(old!, everySource.pictures), why: 'no hash to compare with' }]);
});

test('what could not be found is found when it is there later; what was compared is not compared again while it stays the same', async () => {
  renameSync(old!, now!);
  const scan = join(now!, everySource.scan);
  const [content, before] = [readFileSync(scan), new Date(1e12)];
  writeFileSync(scan, 'Content of scan');
  utimesSync(scan, before, before);
  expect(planRelink(project, old!, now!).sources.every(({ why }) => why === null)).toBe(true);
  await relinkTo(old!, now!);
  expect(planRelink(project, old!, now!).sources).toMatchObject([{ places: [], why: 'another content' }]);
  writeFileSync(scan, content);
  expect((await relinkTo(old!, now!)).relinked).toEqual([{ from: join(old!, everySource.scan), to: scan }]);
});

test('one source alone: its new path or the folder it lies in now, under another name too', async () => {
  renameSync(join(old!, everySource.frames), join(folder!, 'stills'));
  const from = join(old!, everySource.frames);
  expect((await relinkTo(from, join(folder!, 'stills'))).relinked).toEqual([{ from, to: join(folder!, 'stills') }]);
  const scan = join(old!, everySource.scan);
  mkdirSync(now!);
  renameSync(scan, join(now!, basename(scan)));
  expect((await relinkTo(scan, now!)).relinked).toEqual([{ from: scan, to: join(now!, basename(scan)) }]);
  renameSync(join(old!, everySource.checkpoint), join(now!, 'other.pth'));
  const { relinked } = await relinkTo(join(old!, everySource.checkpoint), join(now!, 'other.pth'));
  expect(relinked).toMatchObject([{ to: join(now!, 'other.pth') }]);
});

test('sources that are where they were stay there; ones whose time alone changed count as unchanged again', async () => {
  cpSync(old!, now!, { recursive: true });
  expect(await relinkTo(old!, now!)).toEqual({ relinked: [], left: [], unmoved: 12 });
  const scan = join(old!, everySource.scan);
  utimesSync(scan, new Date(0), new Date(0));
  expect(findStale(project)).toContainEqual({ what: scan, why: 'the file has changed since it was read', step: 'data' });
  expect((await relinkTo(old!, old!)).relinked).toEqual([{ from: scan, to: scan }]);
  expect(findStale(project).filter(({ what }) => what === scan)).toEqual([]);
});

test('a source that was imported from its new place too is one source afterwards', async () => {
  renameSync(old!, now!);
  for (const name of ['network', 'video', 'table'] as const) {
    const path = join(now!, everySource[name]);
    addSource(project.database, path, await hashFile(path));
  }
  await relinkTo(join(old!), join(now!));
  expect(listModels(project.database).find(({ name }) => name === 'net')!.sourcePath).toBe(join(now!, everySource.network));
  for (const name of ['network', 'video', 'table'] as const)
    expect(listSources(project.database).filter(({ path }) => path.endsWith(everySource[name]))).toHaveLength(1);
  expect(findMissingSources(project).sources).toEqual([]);
});

test('files that nothing is made from any more are no sources, and removed parts are ones still', async () => {
  const { database } = project;
  database.prepare(`DELETE FROM vocabulary`).run();
  database.prepare(`UPDATE model SET removed_at = 'now'`).run();
  const paths = listRecordedSources(database).map(({ path }) => path);
  expect(paths).not.toContain(join(old!, everySource.terms));
  expect(paths).toContain(join(old!, everySource.network));
});

test('a place that links back to itself cannot be read, and as the old place is missing', async () => {
  const scan = join(old!, everySource.scan);
  rmSync(scan);
  symlinkSync(scan, scan);
  expect(findMissingSources(project).sources.map(({ path }) => path)).toEqual([scan]);
  mkdirSync(join(now!, dirname(everySource.scan)), { recursive: true });
  symlinkSync(join(now!, everySource.scan), join(now!, everySource.scan));
  expect((await relinkTo(old!, now!)).left).toEqual([{ path: scan, why: 'cannot be read' }]);
});

test('sources of a project from Windows are found below a folder of this system', async () => {
  const { database } = project;
  const scan = join(old!, everySource.scan);
  database.prepare(`UPDATE source SET path = 'C:\\Data\\bids\\a.nii' WHERE path = ?`).run(scan);
  mkdirSync(join(now!, 'bids'), { recursive: true });
  cpSync(scan, join(now!, 'bids/a.nii'));
  expect(findMissingSources(project).folders).toEqual([{ folder: 'C:\\Data\\bids', sources: 1 }]);
  expect(await relinkTo('c:\\data\\', now!)).toMatchObject({ relinked: [{ to: join(now!, 'bids/a.nii') }], left: [] });
});

test('cancelled, what was found until then is found, and the rest is found when it is done again', async () => {
  renameSync(old!, now!);
  const canceller = new AbortController();
  const work = context(canceller.signal);
  const { runTask } = work;
  work.runTask = ((name: 'compare-sources', input: never, hear: (part: never) => void) =>
    runTask(name, input, (part) => {
      hear(part as never);
      canceller.abort();
    })) as never;
  await expect(relink({ from: old!, to: now! }, work)).rejects.toThrow('cancelled');
  expect(findMissingSources(project).sources).toHaveLength(11);
  expect((await relinkTo(old!, now!)).relinked).toHaveLength(11);
});

test('a change that cannot be stored leaves every record as it was', async () => {
  renameSync(old!, now!);
  const before = everyPath();
  // The last of all to be changed.
  project.database.exec(`CREATE TRIGGER no BEFORE UPDATE ON movie BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
  await expect(relinkTo(old!, now!)).rejects.toThrow('the disk is full');
  expect(everyPath()).toEqual(before);
});

test('a folder that held no source, and one that is not there, are refused with what to do', () => {
  renameSync(old!, now!);
  const wrong = () => planRelink(project, join(folder!, 'ol'), now!);
  expect(wrong).toThrow(
    /no source of the project was there: .*ol \(expected a folder such as .*old, which 12 missing sources were in\)/,
  );
  expect(() => planRelink(project, old!, join(folder!, 'nowhere'))).toThrow(/no such file or folder: .*nowhere: name the folder/);
  renameSync(now!, old!);
  expect(wrong).toThrow(/all sources are where they were/);
});
