import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateLargeProject } from '../bench/large-project';
import { checkProject } from '../../src-main/api/check';
import { describeProject } from '../../src-main/api/project-info';
import { fbnMaps } from '../../src-main/embedding/encode';
import { openFramesFile } from '../../src-main/files/frames-file';
import { openRunFile } from '../../src-main/files/run-file';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { openProjectReadOnly, type Project } from '../../src-main/project/project';
import { listCouplings, listPairs } from '../../src-main/project/queries/couplings';
import { listEmbeddings } from '../../src-main/project/queries/embeddings';
import { listMovies } from '../../src-main/project/queries/movie-runs';
import { listRuns } from '../../src-main/project/queries/runs';

const size = {
  ...{ subjects: 2, movieRuns: 2, models: 1, layersPerModel: 2, filtersPerLayer: [6, 10] },
  ...{ fbns: 8, voxelMm: 12, timePoints: 40, wideFilters: 50 },
};

describe('a generated project, small', () => {
  let folder: string;
  let project: Project;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'large-project-'));
    await generateLargeProject(join(folder, 'small.syncact'), size);
    project = openProjectReadOnly(join(folder, 'small.syncact'));
  });

  afterAll(async () => {
    project?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('holds what was asked for, and nothing of it is stale', () => {
    const info = describeProject(project);
    expect(info.stale).toEqual([]);
    expect(info.unfinishedJobs).toEqual([]);
    expect(info.subjects.map(({ runs }) => runs)).toEqual([2, 2]);
    expect(info.movieRuns.map(({ timePoints, runs, movie }) => [timePoints, runs, movie?.frames])).toEqual([
      [40, 2, 40],
      [40, 2, 40],
    ]);
    const layers = info.models.map((model) =>
      model.layers.map(({ filters, extractedMovieRuns }) => [filters, extractedMovieRuns]),
    );
    expect(layers).toEqual([
      [
        [6, 2],
        [10, 2],
      ],
      [[50, 1]],
    ]);
    expect(info.embeddings.map(({ fbns, epochs, state }) => [fbns, epochs, state])).toEqual([
      [4, 100, 'complete'],
      [8, 100, 'complete'],
    ]);
    expect(info.couplings).toBe(2 * 2 * 2 + 1);
  });

  it('is sound', async () => {
    const report = await checkProject(project, { signal: new AbortController().signal, sources: true, progress: () => {} });
    expect(report.problems).toEqual([]);
    expect(report.sources).toEqual([]);
  });

  it('has files that the program reads', async () => {
    const [embedding] = listEmbeddings(project.database).slice(-1);
    const maps = await fbnMaps(project.path(embedding!.result!.best.file));
    const run = await openRunFile(project.path(listRuns(project.database)[0]!.file));
    await run.close();
    expect([maps.rows, maps.columns, run.header.time]).toEqual([8, run.header.voxels, 40]);
    expect(maps.data.some((value) => value !== 0)).toBe(true);
    const frames = await openFramesFile(project.path(listMovies(project.database)[0]!.file));
    await frames.close();
    expect(frames.count).toBe(40);
  });

  it('pairs as the r matrix says, where it is kept', () => {
    const wide = listCouplings(project.database).find(({ model }) => model === 'wide_cnn')!;
    const cache = ActivationCache.openReadOnly(project.activationsFile);
    const r = cache.readCorrelation(wide.key)!;
    cache.close();
    const pairs = listPairs(project.database, wide.id);
    expect(pairs).toHaveLength(50);
    expect(pairs.every((pair) => Object.is(r.data[pair.fbn * r.columns + pair.filter], pair.r))).toBe(true);
  });
});
