import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepStopped } from '../../../../src-main/api/jobs/keep-stopped';
import { recordResult, trainingFiles } from '../../../../src-main/api/jobs/train-record';
import { createProject, type Project } from '../../../../src-main/project/project';
import { beginEmbedding, listEmbeddings, listEpochs } from '../../../../src-main/project/queries/embeddings';
import { setCurrentMask } from '../../../../src-main/project/queries/masks';
import type { TrainResult } from '../../../../src-preload/shared/contract/compute-tasks';

const [planned, kept] = ['a'.repeat(64), 'b'.repeat(64)];
let project: Project;
let maskId: number;

beforeEach(() => {
  project = createProject(join(mkdtempSync(join(tmpdir(), 'syncact-keep-')), 'k.syncact'), 'test', '0');
  const grid = { shape: [1, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } as never;
  maskId = setCurrentMask(project.database, {
    ...{ hash: 'm', file: 'mask.nii.gz', fileHash: 'm', voxels: 1, grid, origin: 'test' },
  }).id;
});
afterEach(() => project.close());

function begin(key: string) {
  const rest = { variant: 'lt', fbns: 2, maskId, settings: { epochs: 9 }, inputs: { trainRuns: [], validationRuns: [] } };
  return beginEmbedding(project.database, { key, ...rest, provenance: {} });
}

/** Files of a training whose contents say which training wrote them. */
function write(key: string, content: string): TrainResult {
  const { checkpoints, maps } = trainingFiles(key);
  mkdirSync(project.path(checkpoints), { recursive: true });
  mkdirSync(project.path('maps'), { recursive: true });
  const files = { best: `${checkpoints}/best.safetensors`, last: `${checkpoints}/last.safetensors`, maps };
  for (const file of Object.values(files)) writeFileSync(project.path(file), content);
  const epochs = [1, 2].map((epoch) => ({ epoch, trainLoss: 1 / epoch, validationLoss: null, seconds: 1 }));
  const hashed = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { file, hash: content }]));
  const numbers = { bestEpoch: 2, secondsPerEpoch: 1, engineVersion: '1', threads: null, excludedVoxels: 0, stopped: true };
  return { ...hashed, ...numbers, epochs } as TrainResult;
}

test('a stopped training gets the key, settings and file names of the epochs done', () => {
  const embedding = begin(planned);
  const result = keepStopped(project, embedding, write(planned, 'stopped'), { key: kept, settings: { epochs: 2 } });
  expect(result).toMatchObject({ id: embedding.id, key: kept, settings: { epochs: 2 }, state: 'complete' });
  expect(listEmbeddings(project.database)).toEqual([{ ...result, finishedAt: expect.any(String) as string }]);
  expect(listEpochs(project.database, embedding.id)).toHaveLength(2);
  for (const { file } of [result.result!.best, result.result!.last!, result.result!.maps]) {
    expect(file).toContain('bbbb');
    expect(readFileSync(project.path(file), 'utf8')).toBe('stopped');
  }
  expect(existsSync(project.path(trainingFiles(planned).checkpoints))).toBe(false);
  expect(existsSync(project.path(trainingFiles(planned).maps))).toBe(false);
});

test('where the same training is there whole, that one stands for it', () => {
  const twin = recordResult(project, begin(kept), write(kept, 'whole'));
  const result = keepStopped(project, begin(planned), write(planned, 'stopped'), { key: kept, settings: { epochs: 2 } });
  expect(result.id).toBe(twin.id);
  expect(listEmbeddings(project.database)).toHaveLength(1);
  expect(readFileSync(project.path(twin.result!.best.file), 'utf8')).toBe('whole');
  expect(existsSync(project.path(trainingFiles(planned).checkpoints))).toBe(false);
});

test('an unfinished training under the new key is completed by it', () => {
  const twin = begin(kept);
  const result = keepStopped(project, begin(planned), write(planned, 'stopped'), { key: kept, settings: { epochs: 2 } });
  expect(result).toMatchObject({ id: twin.id, state: 'complete' });
  expect(listEmbeddings(project.database).map(({ id }) => id)).toEqual([twin.id]);
  expect(readFileSync(project.path(result.result!.best.file), 'utf8')).toBe('stopped');
});
