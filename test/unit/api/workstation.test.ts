import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseRange } from '../../../src-main/api/resources/file-response';
import { FolderAccess } from '../../../src-main/api/path-access';
import { routeHandlers } from '../../../src-main/api/requests';
import { Workstation } from '../../../src-main/api/workstation';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { storeModel } from '../../../src-main/project/queries/models';
import { addSource } from '../../../src-main/project/queries/sources';
import { storeSplit } from '../../../src-main/project/queries/subjects';
import type { JobType } from '../../../src-preload/shared/contract/job-inputs';
import { routeInputs } from '../../../src-preload/shared/contract/routes';

let folder: string;
let workstation: Workstation;
const told: unknown[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-workstation-')));
  const paths = new FolderAccess([folder], 'choose another');
  workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(folder, 'state/recent.json'), paths });
  told.length = 0;
  workstation.listen((event, detail) => told.push([event, detail]));
});
afterEach(() => workstation.close());

const data = async (route: string, input: unknown = {}) => {
  const reply = await workstation.answer(route, input);
  if (!reply.ok) throw new Error(JSON.stringify(reply.error));
  return reply.data as never;
};
const created = () => data('app.create', { folder: join(folder, 'one.syncact') });

test('every route has a handler and every handler a schema', () => {
  expect(Object.keys(routeHandlers).sort()).toEqual(Object.keys(routeInputs).sort());
});

test('without a project there is a state, and a clear error for the rest', async () => {
  expect(await data('app.state')).toMatchObject({ project: null, recent: [] });
  expect(await workstation.answer('project.info', {})).toMatchObject({ ok: false, error: { kind: 'user' } });
  expect((await workstation.resource(new Request('http://x/resource/mask.nii.gz'))).status).toBe(503);
});

test('a project is created, remembered, closed and opened again, and windows are told', async () => {
  await created();
  expect(await data('project.info')).toMatchObject({ name: 'one', subjects: [] });
  await data('app.close');
  expect(await data('app.state')).toMatchObject({ project: null, recent: [{ name: 'one', exists: true }] });
  expect(await data('app.open', { folder: join(folder, 'one.syncact') })).toMatchObject({ project: { name: 'one' } });
  expect(told).toContainEqual(['app.changed', { folder: join(folder, 'one.syncact') }]);
});

test('unknown routes, bad input and paths outside the roots are refused', async () => {
  await created();
  expect(await workstation.answer('__proto__', {})).toMatchObject({ ok: false });
  expect(await workstation.answer('app.open', { folder: 7 })).toMatchObject({ ok: false });
  expect(await workstation.answer('app.open', { folder: '/etc' })).toMatchObject({
    ok: false,
    error: { details: { what: 'this path is not allowed' } },
  });
  const input = { source: { bids: '/etc' } };
  expect(await workstation.answer('jobs.start', { type: 'import-fmri', input })).toMatchObject({ ok: false });
  expect(await workstation.answer('data.planImport', input)).toMatchObject({ ok: false });
});

test.each<[JobType, unknown]>([
  ['import-terms', { source: { database: '/etc' } }],
  ['import-terms', { source: { nimare: '/etc/passwd' } }],
  ['import-terms', { source: { maps: '/etc' }, mask: '/etc/passwd' }],
  ['import-embedding', { file: 'INSIDE', assignments: [{ file: '/etc/passwd', subject: null, movieRun: 'a' }] }],
  ['import-fmri', { source: { files: ['INSIDE', '/etc/passwd'] } }],
  ['import-movie', { movieRun: 'a', source: { folder: '/etc' }, trSeconds: 1 }],
  ['dissect', { model: 'a', layer: 'b', folder: '/etc' }],
])('a job is refused a path outside the roots wherever its settings hold one: %s', async (type, settings) => {
  await created();
  const input: unknown = JSON.parse(JSON.stringify(settings).replace('INSIDE', join(folder, 'maps.nii')));
  const reply = await workstation.answer('jobs.start', { type, input });
  expect(reply).toMatchObject({ ok: false, error: { details: { what: 'this path is not allowed' } } });
  expect(await data('jobs.list')).toEqual([]);
});

test('links that lead out of a root are refused; what does not exist yet counts by its parent', () => {
  mkdirSync(join(folder, 'inside'));
  symlinkSync('/etc', join(folder, 'inside/link'));
  symlinkSync('/var/new-file', join(folder, 'inside/to-nothing'));
  symlinkSync('b', join(folder, 'inside/a'));
  symlinkSync('a', join(folder, 'inside/b'));
  const paths = new FolderAccess([join(folder, 'inside')], 'choose another');
  expect(() => paths.check(join(folder, 'inside/to-nothing'))).toThrow(/not allowed/);
  expect(() => paths.check(join(folder, 'inside/a'))).toThrow(/links that lead to one another/);
  expect(() => paths.check(join(folder, 'inside/../outside'))).toThrow(/not allowed/);
  expect(() => paths.check(join(folder, 'inside/link/passwd'))).toThrow(/not allowed/);
  expect(() => paths.check(join(folder, 'inside-not'))).toThrow(/not allowed/);
  expect(() => paths.check(join(folder, 'inside/new/project'))).not.toThrow();
});

test('the removal of a model and a change of the split can be taken back', async () => {
  await created();
  const { database } = workstation.project.project;
  const source = join(folder, 'model.onnx');
  writeFileSync(source, 'x');
  const sourceId = addSource(database, source, 'hash');
  const summary = { contentHash: 'hash', preprocessing: { normalisation: 'imagenet', channelOrder: 'RGB' }, description: {} };
  const id = storeModel(
    database,
    {
      name: 'net',
      architecture: null,
      trainedOn: null,
      top1Percent: null,
      file: null,
      fileHash: null,
      card: {},
      sourceId,
      summary,
    },
    [{ position: 0, name: 'conv', filters: 4, kind: 'Conv', isLastConvolution: true, blockIndex: null }],
  );
  const card = { inputSize: 224, licence: null, notes: null };
  const preprocessing = { normalisation: 'none', channelOrder: 'BGR', mean: [123, 117, 104] };
  const said = { architecture: null, trainedOn: null, top1Percent: 70 };
  await data('models.update', { id, name: 'other', ...said, preprocessing, card });
  expect(await data('models.list')).toMatchObject([{ name: 'other', preprocessing, top1Percent: 70, card, hasTwin: false }]);
  expect(await data('undo.undo')).toEqual({ label: 'change of model net' });
  expect(await data('models.list')).toMatchObject([
    { name: 'net', preprocessing: summary.preprocessing, card: { inputSize: null } },
  ]);
  // What a job is asked to be the twin of is a name, no path.
  await data('jobs.start', { type: 'random-model', input: { twinOf: 'net' } });
  await data('models.remove', { id });
  expect(await data('models.list')).toEqual([]);
  // A restart in between loses nothing.
  await data('app.close');
  await data('app.open', { folder: join(folder, 'one.syncact') });
  expect(await data('undo.undo')).toEqual({ label: 'removal of model net' });
  expect(await data('models.list')).toMatchObject([{ name: 'net', layers: [{ name: 'conv', filters: 4 }] }]);

  const { database: reopened } = workstation.project.project;
  storeSplit(reopened, new Map());
  reopened.prepare(`INSERT INTO subject (name, split) VALUES ('sub-01', 'train')`).run();
  await data('data.setSplit', { subjects: ['sub-01'], split: 'test' });
  expect(await data('undo.next')).toEqual({ label: 'change of the split' });
  await data('undo.undo');
  expect(await data('project.info')).toMatchObject({ subjects: [{ name: 'sub-01', split: 'train' }] });
  expect(await data('undo.next')).toEqual({ label: null });
});

test('ranges of a file are read as HTTP defines them', () => {
  expect(parseRange('bytes=0-9', 100)).toEqual({ start: 0, end: 9 });
  expect(parseRange('bytes=90-', 100)).toEqual({ start: 90, end: 99 });
  expect(parseRange('bytes=-5', 100)).toEqual({ start: 95, end: 99 });
  expect(parseRange('bytes=100-', 100)).toBeUndefined();
  expect(parseRange('bytes=-', 100)).toBeUndefined();
});

test('the plan of an import names every file that stands in the way, and what could be imported all the same', async () => {
  await created();
  const grid = { shape: [3, 3, 3] as [number, number, number], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
  const image = async (subject: string, count: number) => {
    const file = join(folder, 'bids', subject, 'func', `${subject}_task-clip_bold.nii`);
    mkdirSync(join(file, '..'), { recursive: true });
    const volumes = Array.from({ length: count }, () => new Float32Array(27));
    await writeNifti(file, { grid, volumes, count, trSeconds: 1, dataType: 'float32', spaceCode: 4 });
    return file;
  };
  const bad = [await image('sub-01', 1), await image('sub-02', 1)];
  await image('sub-03', 5);
  const plan = (await data('data.planImport', { source: { bids: join(folder, 'bids') } })) as {
    runs: { subject: string; volumes: number }[];
    problems: { details: { what: string; file: string } }[];
  };
  expect(plan.problems.map(({ details }) => details.file)).toEqual(bad);
  expect(plan.runs).toMatchObject([{ subject: 'sub-03', volumes: 5 }]);
});
