import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { discoverBids } from '../../../src-main/fmri/bids';
import { exampleFolder, userErrorOf, writeExample } from './example';

const folder = await exampleFolder();

/** Makes a dataset: images by name, anything else with its content. */
async function makeDataset(name: string, images: readonly string[], others: Record<string, string> = {}): Promise<string> {
  const root = join(folder, name);
  for (const image of images) {
    await mkdir(dirname(join(root, image)), { recursive: true });
    await writeExample(join(root, image), () => 1, { count: 3 });
  }
  for (const [path, content] of Object.entries(others)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const tr = (seconds: number) => JSON.stringify({ RepetitionTime: seconds });

test('a raw dataset: the nearest sidecar that applies gives the TR', async () => {
  const bold = (subject: string, run: number) => `sub-${subject}/func/sub-${subject}_task-movie_run-${run}_bold.nii.gz`;
  const root = await makeDataset('raw', [bold('01', 1), bold('01', 2), bold('02', 1), bold('02', 10)], {
    'task-movie_bold.json': tr(2),
    'task-rest_bold.json': tr(9),
    'sub-01/sub-01_task-movie_bold.json': tr(1.5),
    'sub-01/func/sub-01_task-movie_run-2_bold.json': tr(1),
    'sub-02/func/sub-02_task-movie_run-1_bold.json': '{}',
  });
  const { runs, problems } = await discoverBids(root);
  expect(problems).toEqual([]);
  expect(runs.map(({ subject, movieRun, sidecarTrSeconds }) => [subject, movieRun, sidecarTrSeconds])).toEqual([
    ['sub-01', 'task-movie_run-1', 1.5],
    ['sub-01', 'task-movie_run-2', 1],
    ['sub-02', 'task-movie_run-1', 2],
    ['sub-02', 'task-movie_run-10', 2],
  ]);
  expect(runs[0]).toMatchObject({ task: 'movie', run: '1', headerTrSeconds: 1.5, volumes: 3 });
  expect(runs[0]).not.toHaveProperty('mask');
});

const stem = 'sub-01/ses-a/func/sub-01_ses-a_task-movie_run-1';
const derivatives = [
  'space-MNI_desc-preproc_bold',
  'space-T1w_desc-preproc_bold',
  'space-MNI_desc-brain_mask',
  'space-T1w_desc-brain_mask',
];

test('fMRIPrep output: mask and confounds belong to the run and its space', async () => {
  const root = await makeDataset(
    'prep',
    derivatives.map((ending) => `${stem}_${ending}.nii.gz`),
    { [`${stem}_desc-confounds_timeseries.tsv`]: 'csf\n', [`${stem}_space-MNI_desc-preproc_bold.json`]: tr(1.5) },
  );
  const message = await userErrorOf(discoverBids(root));
  expect(message).toContain('--space MNI or --space T1w');
  expect(await userErrorOf(discoverBids(root, { space: 'fsLR' }))).toContain('MNI, T1w');
  const { runs } = await discoverBids(root, { space: 'MNI' });
  expect(runs).toEqual([
    {
      ...{
        subject: 'sub-01',
        session: 'a',
        task: 'movie',
        run: '1',
        space: 'MNI',
        desc: 'preproc',
        movieRun: 'task-movie_run-1',
      },
      bold: join(root, `${stem}_space-MNI_desc-preproc_bold.nii.gz`),
      mask: join(root, `${stem}_space-MNI_desc-brain_mask.nii.gz`),
      confounds: join(root, `${stem}_desc-confounds_timeseries.tsv`),
      ...{ sidecarTrSeconds: 1.5, headerTrSeconds: 1.5, volumes: 3 },
    },
  ]);
});

test('several descriptions, and files without a space, are asked about', async () => {
  const root = await makeDataset('kinds', [
    `${stem}_desc-preproc_bold.nii.gz`,
    `${stem}_desc-smooth_bold.nii.gz`,
    `${stem}_space-MNI_bold.nii.gz`,
  ]);
  expect(await userErrorOf(discoverBids(root))).toContain('--space MNI or --space native');
  expect(await userErrorOf(discoverBids(root, { space: 'native' }))).toContain('--desc preproc or --desc smooth');
  expect((await discoverBids(root, { space: 'native', desc: 'smooth' })).runs.length).toBe(1);
});

test('the session is named where a subject has the same run in two; echoes are refused', async () => {
  const sessions = ['a', 'b'].map((ses) => `sub-1/ses-${ses}/func/sub-1_ses-${ses}_task-m_bold.nii.gz`);
  const { runs } = await discoverBids(await makeDataset('sessions', sessions));
  expect(runs.map(({ movieRun }) => movieRun)).toEqual(['ses-a_task-m', 'ses-b_task-m']);
  const echoes = [1, 2].map((echo) => `sub-1/func/sub-1_task-m_echo-${echo}_bold.nii.gz`);
  expect(await userErrorOf(discoverBids(await makeDataset('echoes', echoes)))).toContain('echo-1');
});

test('unreadable images, broken links and sidecars are reported, not fatal', async () => {
  const root = await makeDataset('problems', ['sub-1/func/sub-1_task-m_bold.nii.gz', 'sub-4/func/sub-4_task-m_bold.nii'], {
    'sub-2/func/sub-2_task-m_bold.nii.gz': 'text',
    'sub-4/func/sub-4_task-m_bold.json': '{',
  });
  await mkdir(join(root, 'sub-3/func'), { recursive: true });
  await symlink('/nowhere/annex', join(root, 'sub-3/func/sub-3_task-m_bold.nii.gz'));
  const { runs, problems } = await discoverBids(root);
  expect(runs.map(({ subject }) => subject)).toEqual(['sub-1']);
  expect(problems.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('gzip'),
    expect.stringContaining('datalad get'),
    expect.stringContaining('not a JSON object'),
  ]);
});

test('a folder without runs says where to look', async () => {
  const root = await makeDataset('top', ['derivatives/fmriprep/sub-1/func/sub-1_task-m_bold.nii.gz']);
  expect(await userErrorOf(discoverBids(root))).toContain('derivatives/fmriprep');
  await expect(discoverBids(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
