import { expect, test } from 'vitest';
import { planFiles } from '../../../src-main/fmri/plan-files';

test.each([
  ['/d/sub-03_task-movie_run-02_bold.nii.gz', 'sub-03', 'task-movie_run-02'],
  ['/d/sub-03/ses-1/func/sub-03_ses-1_task-movie_space-MNI_desc-preproc_bold.nii', 'sub-03', 'task-movie'],
  ['/d/sub-04/func/scan_run-2_filtered.nii.gz', 'sub-04', 'run-2'],
  ['/d/100610_tfMRI_MOVIE1_7T_AP_hp2000_clean.nii.gz', '100610', 'tfMRI_MOVIE1_7T_AP'],
  ['/d/102311/MNINonLinear/Results/tfMRI_MOVIE2_7T_PA/tfMRI_MOVIE2_7T_PA.nii.gz', '102311', 'tfMRI_MOVIE2_7T_PA'],
  ['/d/alice/part1.nii.gz', 'alice', 'part1'],
  ['/d/alice/part1.hdr', 'alice', 'part1'],
])('%s is %s, %s', (bold, subject, movieRun) => {
  expect(planFiles([bold])).toEqual([{ subject, movieRun, bold }]);
});

test('runs come in natural order', () => {
  const files = ['/d/b/run10.nii', '/d/b/run9.nii', '/d/a/run1.nii'];
  expect(planFiles(files).map(({ subject, movieRun }) => `${subject} ${movieRun}`)).toEqual(['a run1', 'b run9', 'b run10']);
});

test('sessions tell runs apart where needed', () => {
  const files = ['/d/sub-1_ses-1_task-m_bold.nii', '/d/sub-1_ses-2_task-m_bold.nii'];
  expect(planFiles(files).map(({ movieRun }) => movieRun)).toEqual(['ses-1_task-m', 'ses-2_task-m']);
});

test('two files for one run are refused by name', () => {
  const files = ['/d/sub-1_task-m_bold.nii', '/e/sub-1_task-m_bold.nii.gz'];
  expect(() => planFiles(files)).toThrow(/sub-1 task-m: \/e\/.*also \/d\//);
});
