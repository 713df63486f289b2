import { ESLint } from 'eslint';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });

/** What lint says of the imports of one line of code, were it in that file. */
async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: join(root, file) });
  return result!.messages.map((message) => message.ruleId ?? '').filter((rule) => /restricted|import-directions/.test(rule));
}

describe('a wrong import fails `npm run check`', () => {
  test.each([
    ['a room imports an engine', 'src-main/coupling/new.ts', "export * from '../engines/onnxruntime';"],
    ['a room imports the project', 'src-main/embedding/new.ts', "export * from '../project/project';"],
    ['a room imports SQLite', 'src-main/fmri/new.ts', "export * from 'better-sqlite3';"],
    ['compute imports the project beyond its cache', 'src-main/compute/new.ts', "export * from '../project/project';"],
    ['a handler imports an engine', 'src-main/api/new.ts', "export * from '../engines/onnxruntime';"],
    ['the shell imports a room', 'src-main/shell/new.ts', "export * from '../fmri/mask';"],
    ['jobs import the api', 'src-main/jobs/new.ts', "export * from '../api/keys';"],
    ['the renderer imports the host', 'src-renderer/new.ts', "export * from '../src-main/api/keys';"],
    ['the domain imports the contract', 'src-preload/shared/domain/new.ts', "export * from '../contract/routes';"],
    ['a foundation imports a room', 'src-main/files/new.ts', "export * from '../fmri/mask';"],
    ['onnxruntime outside engines', 'src-main/compute/new.ts', "export * from 'onnxruntime-node';"],
    ['tfjs outside engines', 'src-main/embedding/new.ts', "export * from '@tensorflow/tfjs-core';"],
    ['Electron outside the shell', 'src-main/api/new.ts', "export * from 'electron';"],
  ])('%s', async (_what, file, code) => {
    expect(await complaints(file, code)).not.toEqual([]);
  });

  test.each([
    ['src-main/compute/new.ts', "export * from '../project/activation-cache';"],
    ['src-main/coupling/new.ts', "export * from '../files/npy';"],
    ['src-main/api/new.ts', "export * from '../fmri/mask';"],
  ])('a right one in %s passes', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});
