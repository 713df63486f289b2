import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referencePath } from '../reference/reference-folder';
import { runCli, runJson, temporaryFolder } from './cli';
import { canMount } from './disks';
import { makeSmallData, type SmallData } from './small-data';

let folder: string;
let project: string;
let data: SmallData;
let textNifti: string;

beforeAll(async () => {
  folder = temporaryFolder();
  data = await makeSmallData(folder, 3);
  project = join(folder, 'p.syncact');
  textNifti = join(folder, 'text.nii.gz');
  writeFileSync(textNifti, 'this is a text file');
  await runJson('init', project);
});

/**
 * A command that must fail: one clear line on standard error, nothing on standard output, exit code 2. A machine so slow that the command
 * takes seconds is told its progress before: lines of a stage with numbers, or with none where nothing is counted yet.
 */
async function expectOneLine(args: string[], pattern: RegExp): Promise<void> {
  const { code, stdout, stderr: all } = await runCli(...args);
  const stderr = all.replace(/^(?:[a-z][\w ,]*(?: {2}.*)?\n)+(?=syncact: )/, '');
  expect({ args, code, stdout, lines: stderr.trim().split('\n').length, stderr }).toMatchObject({
    code: 2,
    stdout: '',
    lines: 1,
  });
  expect(stderr).toMatch(/^syncact: .* \[[a-z]+(-[a-z]+)+\]\n$/);
  expect(stderr).toMatch(pattern);
}

test('a wrong path', async () => {
  await expectOneLine(['info', join(folder, 'nowhere')], /no such project: .*nowhere/);
  await expectOneLine(['nifti-info', join(folder, 'nowhere.nii')], /no such file or folder: .*nowhere\.nii/);
  await expectOneLine(['import-fmri', project, '--files', join(folder, 'x.nii')], /no such file or folder: .*x\.nii/);
  await expectOneLine(['import-model', project, join(folder, 'x.onnx')], /no such file or folder: .*x\.onnx/);
  await expectOneLine(
    ['import-movie', project, '--run', 'a', '--video', join(folder, 'x.mp4'), '--tr', '1'],
    /no such file.*x\.mp4/,
  );
  await expectOneLine(['correlate', join(folder, 'x.npy'), join(folder, 'y.npy')], /no such file or folder: .*x\.npy/);
});

test('with --json an error is a document with its code, which `explain` explains', async () => {
  for (const [args, code] of [
    [['nifti-info', join(folder, 'nowhere.nii')], 'file-missing'],
    [['info', project, '--colour'], 'setting-invalid'],
  ] as const) {
    const { stdout, stderr } = await runCli(...args, '--json');
    const { error } = JSON.parse(stdout) as { error: { code: string; what: string; message: string } };
    expect([error.code, stderr]).toEqual([code, expect.stringContaining(`${error.message} [${code}]`)]);
  }
  expect((await runCli('explain', 'file-missing')).stdout).toMatch(/^\[file-missing\] .*What to do: /s);
});

test('a folder in the place of a file', async () => {
  await expectOneLine(['nifti-info', folder], /expected a file, found a folder/);
  await expectOneLine(['import-model', project, folder], /found a folder/);
  await expectOneLine(['import-movie', project, '--run', 'a', '--video', folder, '--tr', '1'], /folder/);
  await expectOneLine(['correlate', folder, folder], /folder/);
});

test('a file in the place of a folder', async () => {
  await expectOneLine(['info', textNifti], /not a project: .*found a file/);
  await expectOneLine(['import-fmri', project, '--bids', textNifti], /folder/);
  await expectOneLine(['import-movie', project, '--run', 'a', '--frames', textNifti, '--tr', '1'], /folder/);
});

test('text files named as something else', async () => {
  await expectOneLine(['nifti-info', textNifti], /expected gzip data, found text/);
  await expectOneLine(['import-fmri', project, '--files', textNifti], /expected gzip data, found text/);
  await expectOneLine(['import-model', project, textNifti], /not a model: .*found a text file/);
  await expectOneLine(['import-movie', project, '--run', 'a', '--video', textNifti, '--tr', '1'], /not a video.*text file/);
});

test('bad usage', async () => {
  await expectOneLine(['train', project, '--fbns', '0'], /--fbns.*above 0/);
  await expectOneLine(['train', project, '--device', 'gpu'], /Allowed choices are auto, cpu/);
  await expectOneLine(['train', project], /no runs to train on.*import-fmri/);
  await expectOneLine(['couple', project], /no trained embedding/);
  await expectOneLine(['extract', project, '--model', 'nothing'], /no model "nothing"/);
  expect((await runCli('dance')).stderr).toMatch(/unknown command 'dance'/);
  expect((await runCli('dance')).code).toBe(2);
});

test('nothing is left in a project after all that failed', async () => {
  await expectOneLine(
    ['import-fmri', project, '--files', referencePath('nifti/hostile/truncated_data.nii.gz')],
    /incomplete|truncated|TR/,
  );
  const info = await runJson<{ subjects: unknown[]; movieRuns: unknown[]; models: unknown[]; mask: unknown }>('info', project);
  expect(info).toMatchObject({ subjects: [], models: [], mask: null });
  for (const name of ['runs', 'frames', 'masks'])
    expect(readdirSync(join(project, name)).filter((file) => !file.endsWith('.nii.gz'))).toEqual([]);
  expect((await runCli('check', project)).code).toBe(0);
});

test('a second opener is told who holds the project', async () => {
  const { startCli } = await import('./cli');
  const web = startCli(['web', project]);
  await new Promise((resolve) => web.child.stdout!.once('data', resolve));
  await expectOneLine(['import-model', project, data.model], /already open: .*syncact web.*process \d+/);
  process.kill(web.child.pid!, 'SIGINT');
  expect((await web.result).code).toBe(0);
});

describe.skipIf(!canMount)('a full disk (1 MB)', () => {
  let disk: string;

  beforeAll(() => {
    disk = join(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  });
  afterAll(() => {
    execFileSync('umount', [disk]);
  });

  test('import says that the disk is full and leaves a sound project without half a file', async () => {
    const small = join(disk, 's.syncact');
    await runJson('init', small);
    const { code, stderr } = await runCli('import-fmri', small, '--bids', data.bids, '--mask', data.mask);
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toMatch(/the disk is full/);
    expect(readdirSync(join(small, 'runs')).filter((name) => !name.endsWith('.run'))).toEqual([]);
    const check = await runCli('check', small);
    expect(check.code, check.stdout + check.stderr).toBe(0);
  });

  test('a new project does not fit: nothing is left', async () => {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(0));
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20));
    } catch {
      // Full, as wanted.
    }
    const { code, stderr } = await runCli('init', join(disk, 'n.syncact'));
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toMatch(/the disk is full/);
  });

  test('an array that does not fit is not half written', async () => {
    const out = join(disk, 'a.npz');
    const { code, stderr } = await runCli('activations', data.model, data.frames, out, '--layers', 'all');
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toMatch(/the disk is full/);
    expect(readdirSync(disk).filter((name) => name.startsWith('a.npz'))).toEqual([]);
  });
});
