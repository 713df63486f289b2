import { mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relinkSources } from '../../../src-main/api/relink';
import { hashFile } from '../../../src-main/files/hash';
import { createProject } from '../../../src-main/project/project';
import { listModels, storeModel } from '../../../src-main/project/queries/models';
import { addSource, listSources, sourceState } from '../../../src-main/project/queries/sources';

/** A project of three sources below one folder, one of them a model. */
async function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-relink-'));
  const old = join(folder, 'old');
  mkdirSync(join(old, 'deep'), { recursive: true });
  const project = createProject(join(folder, 'p.syncact'), 'test', '0');
  const ids: number[] = [];
  for (const name of ['a.nii', 'deep/net.onnx', 'c.nii']) {
    writeFileSync(join(old, name), `content of ${name}`);
    ids.push(addSource(project.database, join(old, name), await hashFile(join(old, name))));
  }
  storeModel(
    project.database,
    {
      ...{ name: 'net', architecture: null, trainedOn: null, top1Percent: null, sourceId: ids[1]! },
      summary: { contentHash: 'a'.repeat(64), preprocessing: {}, description: {} },
    } as never,
    [],
  );
  return { folder, old, project };
}

test('sources that moved are found again by their content; what is not there or not the same stays as it was, and is listed', async () => {
  const { folder, old, project } = await makeProject();
  const now = join(folder, 'now');
  renameSync(old, now);
  writeFileSync(join(now, 'a.nii'), 'Content of a.nii');
  renameSync(join(now, 'c.nii'), join(now, 'd.nii'));
  const report = await relinkSources(project, old, now);
  expect(report.relinked).toEqual([{ from: join(old, 'deep/net.onnx'), to: join(now, 'deep/net.onnx') }]);
  expect(report.left).toEqual([
    { path: join(old, 'a.nii'), why: 'another content' },
    { path: join(old, 'c.nii'), why: 'not there' },
  ]);
  expect(listModels(project.database)[0]!.sourcePath).toBe(join(now, 'deep/net.onnx'));
  expect(listSources(project.database).filter((source) => sourceState(source) === 'unchanged')).toHaveLength(1);
  // Once more with what came later: only that is new.
  renameSync(join(now, 'd.nii'), join(now, 'c.nii'));
  expect((await relinkSources(project, old, now)).relinked).toEqual([{ from: join(old, 'c.nii'), to: join(now, 'c.nii') }]);
  project.close();
});

test('sources that are where they were are left alone, and a folder that holds none is refused', async () => {
  const { folder, old, project } = await makeProject();
  expect(await relinkSources(project, old, folder)).toEqual({ relinked: [], left: [] });
  await expect(relinkSources(project, join(folder, 'ol'), folder)).rejects.toThrow(/no source of the project is there.*check/);
  await expect(relinkSources(project, old, join(folder, 'nowhere'))).rejects.toThrow(/no such file or folder/);
  project.close();
});

test('a source that was imported from its new place too is one source afterwards', async () => {
  const { folder, old, project } = await makeProject();
  const now = join(folder, 'now');
  renameSync(old, now);
  const net = join(now, 'deep/net.onnx');
  addSource(project.database, net, await hashFile(net));
  await relinkSources(project, join(old, 'deep'), join(now, 'deep'));
  expect(listModels(project.database)[0]!.sourcePath).toBe(net);
  expect(listSources(project.database).filter(({ path }) => path.endsWith('net.onnx'))).toHaveLength(1);
  project.close();
});
