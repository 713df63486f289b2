import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planExternal } from '../../../src-main/api/external-plan';
import { createMask, writeMask } from '../../../src-main/fmri/mask';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { createProject, type Project } from '../../../src-main/project/project';
import { setCurrentMask } from '../../../src-main/project/queries/masks';
import { ensureMovieRun, setTiming } from '../../../src-main/project/queries/movie-runs';
import { storeRun } from '../../../src-main/project/queries/runs';
import { addSource } from '../../../src-main/project/queries/sources';
import { listSubjects, storeSplit } from '../../../src-main/project/queries/subjects';
import { importEmbeddingInput, type JobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { Grid } from '../../../src-preload/shared/domain/grid';

const grid: Grid = { shape: [4, 4, 4], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
const fbns = 3;
let folder: string;
let project: Project;

/** Two subjects, two movie runs of 10 volumes; the second was cut to 8. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'syncact-external-'));
  project = createProject(join(folder, 'p.syncact'), 'test', '0');
  const { database } = project;
  const mask = createMask(grid, (voxel) => voxel % 2 === 0);
  await writeMask(project.path('masks/m.nii.gz'), mask, 4);
  const { id: maskId } = setCurrentMask(database, {
    ...{ hash: mask.hash, file: 'masks/m.nii.gz', fileHash: 'x', voxels: mask.voxels.length, grid, origin: 'test' },
  });
  storeSplit(database, new Map([['sub-01', 'train'], ['sub-02', 'test']])); // prettier-ignore
  for (const { id: subjectId, name } of listSubjects(database))
    for (const movieRun of ['task-film_run-1', 'task-film_run-2']) {
      const source = join(folder, `${name}_${movieRun}_bold.nii.gz`);
      writeFileSync(source, name + movieRun);
      const { id: movieRunId } = ensureMovieRun(database, movieRun);
      setTiming(database, movieRunId, 1, movieRun.endsWith('2') ? 8 : 10, null);
      storeRun(database, {
        ...{ subjectId, movieRunId, maskId, sourceId: addSource(database, source, source), key: source, file: source },
        ...{ fileHash: 'x', volumes: 10, trSeconds: 1, constantVoxels: 0, nonFiniteVoxels: 0, parameters: {}, warnings: [] },
      });
    }
});
afterEach(() => project.close());

async function writeMapsTo(file: string, count = fbns, on = grid): Promise<string> {
  const size = on.shape[0] * on.shape[1] * on.shape[2];
  const volumes = Array.from({ length: count }, (_, i) => new Float32Array(size).map((_, v) => Math.sin(v * (i + 1))));
  mkdirSync(join(file, '..'), { recursive: true });
  await writeNifti(file, { grid: on, volumes, count, dataType: 'float32', spaceCode: 4 });
  return file;
}

function writeTable(name: string, time: number, columns = fbns): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(
    file,
    Array.from({ length: time }, (_, t) => Array.from({ length: columns }, (_, i) => t * i).join(' ')).join('\n'),
  );
  return file;
}

const plan = (input: JobInput<'import-embedding'>) =>
  planExternal(project, importEmbeddingInput.parse(input), new AbortController().signal);
const found = async (input: JobInput<'import-embedding'>) => {
  const { activations, problems } = await plan(input);
  expect(problems).toEqual([]);
  return activations.map(({ subject, movieRun, timePoints }) => [subject, movieRun.slice(-5), timePoints]);
};
const problemsOf = async (input: JobInput<'import-embedding'>) => (await plan(input)).problems.map(({ message }) => message);

test('names say whose activations over which movie run a table holds', async () => {
  const file = await writeMapsTo(join(folder, 'maps.nii.gz'));
  const files = [
    writeTable('a/sub-01_task-film_run-1.tsv', 10),
    writeTable('a/sub-02/run-1.txt', 10),
    writeTable('a/sub-02_task-film_run-2_timeseries.csv', 8),
    writeTable('a/sub-77_run-2.txt', 8),
  ];
  expect(await found({ file, files })).toEqual([
    ['sub-01', 'run-1', 10],
    ['sub-02', 'run-1', 10],
    ['sub-02', 'run-2', 8],
    ['sub-77', 'run-2', 8],
  ]);
  expect(await found({ file, files: [writeTable('means/run-1.tsv', 10)] })).toEqual([[null, 'run-1', 10]]);
});

test('files numbered by dual_regression are told by its own commands, or by the order that is asked for', async () => {
  const mel = join(folder, 'group.gica');
  await writeMapsTo(join(mel, 'groupmelodic.ica/melodic_IC.nii.gz'));
  for (let i = 0; i < 4; i++) writeTable(`group.gica/dr_stage1_subject0000${i}.txt`, 10);
  const [first, ...others] = await problemsOf({ file: mel });
  expect(first).toMatch(/dr_stage1_subject00000.txt.*--order subject or movie-run/);
  expect(others).toHaveLength(3);
  const bySubject = await found({ file: mel, order: 'subject' });
  expect(bySubject.map(([subject, run]) => `${subject} ${run}`)).toEqual(['sub-01 run-1', 'sub-01 run-2', 'sub-02 run-1', 'sub-02 run-2']); // prettier-ignore
  const byRun = await found({ file: mel, order: 'movie-run' });
  expect(byRun.map(([subject, run]) => `${subject} ${run}`)).toEqual(['sub-01 run-1', 'sub-02 run-1', 'sub-01 run-2', 'sub-02 run-2']); // prettier-ignore
  const images = ['sub-02_task-film_run-2', 'sub-02_task-film_run-1', 'sub-01_task-film_run-2', 'sub-01_task-film_run-1'];
  const commands = images.map((image, i) => `fsl_glm -i /elsewhere/${image}_bold -d d/melodic_IC -o d/dr_stage1_subject0000${i}.txt --demean -m d/mask ; fslmaths x`); // prettier-ignore
  mkdirSync(join(mel, 'scripts+logs'));
  writeFileSync(join(mel, 'scripts+logs/drA'), commands.join('\n'));
  const told = await found({ file: mel });
  expect(told.map(([subject, run]) => `${subject} ${run}`)).toEqual(['sub-02 run-2', 'sub-02 run-1', 'sub-01 run-2', 'sub-01 run-1']); // prettier-ignore
});

test('every problem is told, with file, what was expected and what was found', async () => {
  const file = await writeMapsTo(join(folder, 'maps.nii.gz'));
  const files = [
    writeTable('sub-01_run-1.txt', 9),
    writeTable('sub-01_run-2.txt', 10, 4),
    writeTable('sub-02_run-1.txt', 10),
    writeTable('sub-02_run-1_again.txt', 10),
    writeTable('other.txt', 10),
    join(folder, 'nowhere.txt'),
  ];
  writeFileSync(join(folder, 'sub-02_run-2.txt'), `${'1 2 NaN\n'.repeat(10)}`);
  const problems = await problemsOf({ file, files: [...files, join(folder, 'sub-02_run-2.txt')] });
  expect(problems).toEqual([
    expect.stringMatching(/do not fit movie run task-film_run-1: .*sub-01_run-1.txt \(expected 10 time points.*found 9\)/),
    expect.stringMatching(/do not fit the maps: .*sub-01_run-2.txt \(expected 3 columns.*found 10 rows × 4 columns\)/),
    expect.stringMatching(/which movie run.*other.txt/),
    expect.stringMatching(/no such file or folder: .*nowhere.txt/),
    expect.stringMatching(/not finite: .*sub-02_run-2.txt/),
    expect.stringMatching(/two tables hold the activations of sub-02 in movie run task-film_run-1: .*again.txt/),
  ]);
});

test('assignments say what names do not, and a mean beside subjects is refused', async () => {
  const file = await writeMapsTo(join(folder, 'maps.nii.gz'));
  const a = writeTable('a.txt', 10);
  const b = writeTable('b.txt', 10);
  const assign = (subject: string | null) => [
    { file: a, subject: 'sub-01', movieRun: 'task-film_run-1' },
    { file: b, subject, movieRun: 'task-film_run-1' },
  ];
  expect(await found({ file, assignments: assign('sub-02') })).toEqual([
    ['sub-01', 'run-1', 10],
    ['sub-02', 'run-1', 10],
  ]);
  expect(await problemsOf({ file, assignments: assign(null) })).toEqual([expect.stringMatching(/both a mean.*b.txt/)]);
  const nowhere = [{ file: a, subject: null, movieRun: 'run-9' }];
  expect(await problemsOf({ file, assignments: nowhere })).toEqual([
    expect.stringMatching(/no movie run "run-9".*task-film_run-1/),
  ]);
});

test('maps must overlap the mask; other grids and missing activations are said', async () => {
  const shifted = (mm: number, size = 4): Grid => ({ shape: [size, size, size], affine: grid.affine.map((x, i) => (i % 4 === 3 && i < 12 ? mm : x)) }); // prettier-ignore
  const away = await writeMapsTo(join(folder, 'away.nii.gz'), fbns, shifted(400));
  expect(await problemsOf({ file: away, dualRegression: true })).toEqual([expect.stringMatching(/do not overlap.*away/)]);
  const beside = await writeMapsTo(join(folder, 'beside.nii.gz'), fbns, shifted(2));
  const { problems, remarks } = await plan({ file: beside, dualRegression: true });
  expect(problems).toEqual([]);
  expect(remarks.join()).toMatch(/resampled from 4 × 4 × 4 mm.*voxels of the mask lie outside/);
  const maps = await writeMapsTo(join(folder, 'maps/canica_components.nii.gz'));
  expect(await problemsOf({ file: maps })).toEqual([expect.stringMatching(/no activations of the maps/)]);
  expect((await plan({ file: join(folder, 'maps'), dualRegression: true })).maps).toMatchObject({ file: maps, method: 'CanICA' });
  await writeMapsTo(join(folder, 'maps/others.nii.gz'));
  expect(await problemsOf({ file: join(folder, 'maps') })).toEqual([expect.stringMatching(/cannot tell which image.*others/)]);
  const one = await writeMapsTo(join(folder, 'one.nii.gz'), 1);
  expect(await problemsOf({ file: one })).toEqual([
    expect.stringMatching(/expected a 4D image, one FBN per volume, found 1 volume/),
  ]);
});
