import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { logAsText, readLog } from '../../src-main/annotation/log-file';
import { hashEvent } from '../../src-main/annotation/sealing';
import { viewImportPlan } from '../../src-main/api/annotations/exchange';
import { checkProject } from '../../src-main/api/check';
import { parseFigureSpec } from '../../src-main/api/figures/make-figure';
import { readWordList } from '../../src-main/api/semantics/word-lists';
import { readActivationTables } from '../../src-main/embedding/maps/activation-files';
import { discoverBids } from '../../src-main/fmri/bids';
import { readConfounds } from '../../src-main/fmri/confounds';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { createProject, openProject, openProjectReadOnly } from '../../src-main/project/project';
import { readLabels } from '../../src-main/semantics/filter-labels/read-labels';
import { findVocabularies } from '../../src-main/semantics/meta-analysis/find-files';
import { readDatabase } from '../../src-main/semantics/meta-analysis/read-database';
import { readNimareDataset } from '../../src-main/semantics/meta-analysis/read-nimare';
import { probeVideo } from '../../src-main/stimulus/video-probe';
import { makeSmallCoupling } from '../unit/api/small-coupling';
import { twoPlaces, writeDatabase } from '../unit/semantics/made-up-database';
import type { AnnotationEvent } from '../../src-preload/shared/contract/annotations';
import { editedBytes, editedJson, editedText, editedTree } from './edits';
import type { Reader } from './one-case';

const table = (separator: string, ...rows: string[][]) => rows.map((row) => `${row.join(separator)}\n`).join('');
const tally = table(
  ',',
  ['unit', 'category', 'label', 'score', 'object-label', 'object-iou', 'part-label', 'part-iou'],
  ['1', 'object', 'dog', '0.21', 'dog', '0.21', 'head', '0.03'],
  ['2', 'part', '"wheel, front"', '0.1', 'car', '0.02', 'wheel', '0.1'],
);
const descriptions = table(
  ',',
  ['layer', 'unit', 'description', 'similarity'],
  ['layer4', '0', 'a dog', '0.3'],
  ['layer4', '1', 'sky', '0.2'],
);
const report = {
  header: { name: 'net' },
  units: [
    { unit: 0, iou: 0.2, label: 'dog', cat: 'object' },
    { unit: 1, iou: 'NaN', label: null },
  ],
};
const confounds = table('\t', ['trans_x', 'rot_x', 'csf'], ['n/a', '0.1', '3'], ['0.2', '-0.1', '4e-3'], ['0.1', '0', '5']);
const activations = table('\t', ['fbn_1', 'fbn_2'], ['0.1', '-2'], ['1e-3', 'nan'], ['3', '4']);
const words = table('\t', ['word', 'kind'], ['hearing', 'functional'], ['cortex', 'anatomical'], ['15 healthy', 'blocked']);
const nimare = {
  'study-1': {
    contrasts: {
      1: { coords: { space: 'MNI', x: [4, 5], y: [1, 2], z: [0, null] }, labels: { Terms__hearing: 0.2, Terms__sight: 0 } },
    },
  },
  'study-2': { contrasts: { 1: { coords: { space: 'TAL', x: [], y: [], z: [] } } } },
};
const figure = {
  kind: 'pairs',
  title: 'A',
  best: 3,
  rows: [{ fbn: 0, model: 'net', layer: 'conv', filter: 1, movieRun: 'a' }],
  template: '/data/t.nii',
};
const sidecar = { RepetitionTime: 1.5, TaskName: 'movie', SliceTiming: [0, 0.5] };
const edited = table(
  ',',
  ['event', 'model', 'layer', 'fbn', 'filter', 'status', 'fbn_annotation', 'tags', 'confidence', 'note'],
  ['', 'net', 'layer4', '0', '1', 'accepted', 'faces', 'face; place', '0.5', "'=1+1"],
  ['', 'net', 'layer4', '1', '2', 'rejected', '"two\nlines"', '', '', ''],
);
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const event = { id: uuid(1), counter: 1, author: 'Ana', at: '2026-01-01T00:00:00.000Z', group: uuid(2) };
const log: AnnotationEvent[] = [
  { ...event, kind: 'tag', tag: uuid(3), change: { what: 'add', name: 'face' } },
  { ...event, id: uuid(4), counter: 2, kind: 'undo', target: uuid(1) },
];

/** Events that are wrong but sealed rightly, as somebody could do who means harm. */
const sealed = editedTree(log).map((events) =>
  Buffer.from((Array.isArray(events) ? events : [events]).map((one) => `${JSON.stringify(seal(one))}\n`).join('')),
);

function seal(event: unknown): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(event ?? null));
  return typeof plain === 'object' && plain !== null ? { ...plain, hash: hashEvent(plain as AnnotationEvent) } : plain;
}

/** Text that may come packed. */
const packed = (base: string) =>
  fc.oneof(
    editedText(base),
    editedText(base).map((bytes) => gzipSync(bytes, { level: 1 })),
  );
/** Where readers of several files find the others. */
const folder = await mkdtemp(join(tmpdir(), 'syncact-fuzz-beside-'));

/** A meta-analytic database one of whose files is the case. */
async function databaseReader(part: RegExp): Promise<Reader> {
  const home = join(folder, `database-${part.source.replace(/\W/g, '')}`);
  await mkdir(home, { recursive: true });
  await writeDatabase(home, twoPlaces(), { gzip: false });
  const [files] = findVocabularies(home);
  const path = Object.values(files!).find((file): file is string => typeof file === 'string' && part.test(file))!;
  const whole = await readFile(path);
  const isText = !part.test('_features.npz');
  return {
    ...{ name: `Neurosynth, ${part.source.slice(1).replace('\\', '')}`, ending: '.part', short: 80, long: 100_000 },
    cases: isText ? editedText(whole.toString()) : editedBytes(fc.constant(whole)),
    read: async (file) => {
      await copyFile(file, path);
      return readDatabase(files!, { threshold: 0.001, unknownSpace: 'mni' });
    },
  };
}

/** A BIDS folder whose sidecar is the case. */
async function sidecarReader(): Promise<Reader> {
  const root = join(folder, 'bids');
  const func = join(root, 'sub-01/func');
  await mkdir(func, { recursive: true });
  const grid = { shape: [2, 2, 2] as [number, number, number], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
  const volumes = [new Float32Array(8), new Float32Array(8)];
  const image = join(func, 'sub-01_task-movie_bold.nii');
  await writeNifti(image, { grid, volumes, count: 2, trSeconds: 1, dataType: 'float32', spaceCode: 4 });
  await writeFile(join(root, 'dataset_description.json'), JSON.stringify({ Name: 'x', BIDSVersion: '1.10.0' }));
  return {
    ...{ name: 'BIDS sidecars', ending: '.json', cases: editedJson(sidecar), short: 80, long: 100_000 },
    read: async (file) => {
      await copyFile(file, join(func, 'sub-01_task-movie_bold.json'));
      return discoverBids(root, { task: 'movie' });
    },
  };
}

/** Annotations edited elsewhere, imported into a project with pairs. */
function annotationReader(): Reader {
  const { folder: home } = makeSmallCoupling(folder);
  const project = openProjectReadOnly(home);
  return {
    ...{ name: 'annotations as a table', ending: '.csv', cases: editedText(edited), short: 80, long: 100_000 },
    read: (file) => viewImportPlan(project, file, 'Ana'),
  };
}

/** A project's own database, damaged: opened, checked, and opened for writing. */
async function projectReader(): Promise<Reader> {
  const home = join(folder, 'damaged.syncact');
  createProject(home, 'test', '0').close();
  const database = join(home, 'project.sqlite');
  const whole = readFileSync(database);
  return {
    ...{
      name: 'project databases',
      ending: '.sqlite',
      cases: editedBytes(fc.constant(whole), [16, 18, 24, 28, 32, 36, 44, 52, 56, 60, 96]),
      short: 40,
      long: 100_000,
    },
    read: async (file) => {
      for (const ending of ['', '-wal', '-shm']) await rm(`${database}${ending}`, { force: true });
      await copyFile(file, database);
      const readOnly = openProjectReadOnly(home);
      const options = { signal: new AbortController().signal, sources: false, progress: () => undefined };
      await checkProject(readOnly, options).finally(() => readOnly.close());
      openProject(home, 'test').close();
    },
  };
}

const textReader = (name: string, ending: string, cases: fc.Arbitrary<Uint8Array>, read: Reader['read']): Reader => ({
  ...{ name, ending, cases, short: 100, long: 100_000, read },
});

/** Readers of text, of folders, and of the project itself. */
export const textReaders: Reader[] = [
  textReader('labels, tally.csv', '.csv', editedText(tally), readLabels),
  textReader('labels, descriptions', '.csv', packed(descriptions), readLabels),
  textReader('labels, report.json', '.json', editedJson(report), readLabels),
  textReader('confounds', '.tsv', editedText(confounds), (file) => readConfounds(file, 3, ['trans_x', 'csf'])),
  textReader('activations as text', '.tsv', editedText(activations), readActivationTables),
  textReader('lists of words', '.tsv', packed(words), readWordList),
  textReader('NiMARE', '.json', editedJson(nimare), (file) =>
    readNimareDataset(file, { threshold: 0.001, unknownSpace: 'skip' }),
  ),
  textReader('figures', '.json', editedJson(figure), async (file) => {
    let content: unknown;
    try {
      content = JSON.parse(await readFile(file, 'utf8'));
    } catch {
      return;
    }
    parseFigureSpec(content, file);
  }),
  textReader('logs of annotations', '.jsonl', fc.oneof(sealed, editedText(logAsText(log))), async (file) =>
    readLog(await readFile(file, 'utf8'), file),
  ),
  await databaseReader(/_metadata/),
  await databaseReader(/_coordinates/),
  await databaseReader(/_vocabulary/),
  await databaseReader(/_features\.npz/),
  await sidecarReader(),
  annotationReader(),
  await projectReader(),
];

/**
 * The probe of videos starts FFmpeg for every case, as the program does: some 16 ms of a core, of which the probe's own code takes three.
 * @param make writes a small video to the path, in the container that its ending names
 */
export function videoReader(make: (path: string) => string): Reader {
  const containers = ['mp4', 'mkv', 'avi'].map((ending) => readFileSync(make(join(folder, `a.${ending}`))));
  return {
    ...{ name: 'videos', ending: '.mp4', short: 12, long: 100_000 },
    cases: editedBytes(fc.constantFrom(...containers)),
    read: (file) => probeVideo(file, AbortSignal.timeout(9_000)),
  };
}
