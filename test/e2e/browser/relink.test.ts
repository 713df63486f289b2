import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runCli, temporaryFolder } from '../cli';
import { importSmallData, makeSmallData } from '../small-data';
import { shells, type Shell } from './shells';

let shell: Shell | undefined;
afterEach(() => shell?.close());

test('sources that were moved are found again, those with other content are not', async () => {
  const folder = temporaryFolder();
  const [old, now] = [join(folder, 'old place'), join(folder, 'another disk/data')];
  const data = await makeSmallData(old, 2);
  const project = join(folder, 'moved.syncact');
  await importSmallData(project, data);
  mkdirSync(dirname(now), { recursive: true });
  renameSync(old, now);
  writeFileSync(join(now, 'small.onnx'), 'another file');

  shell = await shells[0]!.open(project, [folder]);
  const { page, errors, choosePath } = shell;
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();
  await press('Find moved files…');
  expect(await page.getByLabel('Folder where they were', { exact: true }).inputValue()).toBe(old);
  await choosePath('Folder where they are now', now, press);
  await page.getByText('✓ 4 sources may be there').waitFor();
  expect(await page.getByRole('list', { name: 'Sources that are left' }).textContent()).toContain('another content');
  await press('Compare and relink');
  const stale = page.getByRole('region', { name: 'Stale' }).getByRole('listitem');
  await expect.poll(() => stale.count(), { timeout: 20_000 }).toBe(1);
  expect(await stale.textContent()).toMatch(/small\.onnx.*is no longer there/);
  expect(errors).toEqual([]);
  await shell.close();
  shell = undefined;
  const { code, stdout } = await runCli('relink', project, old, now);
  expect([code, stdout]).toEqual([0, expect.stringContaining('another content')]);
}, 60_000);
