import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNiftiHeader, readNiftiInfo } from '../../../src-main/fmri/nifti/read';
import { resolveTr } from '../../../src-main/fmri/repetition-time';
import { exampleFolder, writeExample } from './example';

const folder = await exampleFolder();

async function headerWithTr(trSeconds: number) {
  const file = await writeExample(join(folder, `tr-${trSeconds}.nii`), () => 1, { count: 3, trSeconds });
  return { file, header: await readNiftiHeader(file) };
}

test('header and sidecar that agree, or one of them alone, give the TR', async () => {
  const known = await headerWithTr(1.5);
  expect(resolveTr(known)).toBe(1.5);
  expect(resolveTr({ ...known, sidecarSeconds: 1.5004 })).toBe(1.5004);
  expect(resolveTr({ ...(await headerWithTr(0)), sidecarSeconds: 2 })).toBe(2);
});

test('--tr decides, in seconds', async () => {
  const known = await headerWithTr(1.5);
  expect(resolveTr({ ...known, sidecarSeconds: 2, override: 0.72 })).toBe(0.72);
  expect(() => resolveTr({ ...known, override: 2000 })).toThrow('seconds, not milliseconds');
});

test.each([
  [1.5, 2, 'disagree'],
  [2000, undefined, 'milliseconds'],
  [2000, 2, 'disagree'],
  [0, undefined, 'not known'],
  [0.001, undefined, 'not known'],
  [0, 2000, 'not known'],
])('a header of %f s with a sidecar of %s s asks for --tr', async (inHeader, sidecarSeconds, reason) => {
  const known = await headerWithTr(inHeader);
  expect(() => resolveTr({ ...known, sidecarSeconds })).toThrow(new RegExp(`${reason}.*pass --tr SECONDS`));
});

test('nifti-info warns of a TR that imports will ask about', async () => {
  const { file } = await headerWithTr(2000);
  const info = await readNiftiInfo(file, { verifyData: false });
  expect(info.trSeconds).toBe(2000);
  expect(info.warnings.join()).toContain('not plausible');
});
