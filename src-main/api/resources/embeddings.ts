import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { fbnMeasures } from '../../../src-preload/shared/contract/quality';
import { readMap } from '../../embedding/checkpoint';
import { readMask, unmask, type Mask } from '../../fmri/mask';
import { encodeNifti } from '../../fmri/nifti/write';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listEpochs, listRunLosses, readEmbedding, type Embedding } from '../../project/queries/embeddings';
import { readMask as readMaskRecord } from '../../project/queries/masks';
import { listMovieRuns } from '../../project/queries/movie-runs';
import { listRuns } from '../../project/queries/runs';
import { activationRuns } from '../activation-runs';
import { measuredEmbedding } from '../quality';
import { averageMeans } from './background';
import { ByteCache } from '../byte-cache';
import { bytes, numbers, present, type ResourceRoute } from './resource';

/** Maps and activations of the embeddings looked at last. */
const maps = new ByteCache<Promise<Float32Array>>(128 << 20);
const matrices = new ByteCache<Promise<Matrix>>(256 << 20);
const masks = new ByteCache<Promise<Mask>>(16 << 20);
const bytesOf = (matrix: Matrix) => matrix.data.byteLength;

export const embeddingResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/voxels\.i32$/,
    async answer(project, [id]) {
      const { voxels } = await maskOf(project, embeddingOf(project, id!));
      return numbers(Int32Array.from(voxels), [voxels.length]);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/background\.nii$/,
    async answer(project, [id]) {
      const embedding = embeddingOf(project, id!);
      const mask = await maskOf(project, embedding);
      return volume(await averageMeans(project, embedding, mask), mask);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/fbns\/(\d+)\/map\.(f32|nii)$/,
    async answer(project, [id, fbn, form]) {
      const embedding = embeddingOf(project, id!);
      const map = await mapOf(project, embedding, Number(fbn));
      return form === 'f32' ? numbers(map, [map.length]) : volume(map, await maskOf(project, embedding));
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/losses\.f64$/,
    answer(project, [id]) {
      const epochs = listEpochs(project.database, embeddingOf(project, id!).id);
      const rows = epochs.flatMap(({ epoch, trainLoss, validationLoss, seconds }) => [
        epoch,
        trainLoss,
        validationLoss ?? NaN,
        seconds,
      ]);
      return numbers(Float64Array.from(rows), [epochs.length, 4]);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/run-losses\.f32$/,
    answer(project, [id]) {
      const embedding = embeddingOf(project, id!);
      const epochs = listRunLosses(project.database, embedding.id);
      const { trainRuns, validationRuns } = embedding.inputs;
      const runs = trainRuns.length + validationRuns.length;
      const losses = new Float32Array(epochs.length * runs).fill(NaN);
      for (const [epoch, known] of epochs.entries()) if (known?.length === runs) losses.set(known, epoch * runs);
      return numbers(losses, [epochs.length, runs]);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/quality\.f64$/,
    answer(project, [id]) {
      const embedding = embeddingOf(project, id!);
      const { table } = present(measuredEmbedding(project, embedding), `embedding ${embedding.id} is not measured yet`);
      return numbers(table, [embedding.fbns, fbnMeasures.length]);
    },
  },
  {
    pattern: /^\/resource\/embeddings\/(\d+)\/fbns\/(\d+)\/activations\/(\d+)\.f32$/,
    async answer(project, [id, fbn, movieRun]) {
      const bands = await bandsOf(project, embeddingOf(project, id!), Number(movieRun));
      const row = rowOf(bands, Number(fbn));
      return numbers(row, [3, row.length / 3]);
    },
  },
];

function embeddingOf({ database }: Project, id: string): Embedding {
  // One that was just removed is still answered for: a window may ask before it hears of it, and an undo brings it back.
  return present(readEmbedding(database, Number(id)), `there is no embedding ${id}`);
}

function rowOf(matrix: Matrix, row: number): Float32Array {
  present(row < matrix.rows ? row : undefined, `there is no FBN ${row}`);
  return matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns);
}

function maskOf(project: Project, embedding: Embedding): Promise<Mask> {
  const record = present(readMaskRecord(project.database, embedding.maskId), 'the mask is gone');
  return masks.get(
    record.hash,
    (mask) => mask.voxels.byteLength,
    () => readMask(project.path(record.file)),
  );
}

/** One FBN's map at the best epoch, [voxels]. */
function mapOf(project: Project, embedding: Embedding, fbn: number): Promise<Float32Array> {
  const { best } = present(embedding.result, `embedding ${embedding.id} is not trained to its end yet`);
  present(fbn < embedding.fbns ? fbn : undefined, `there is no FBN ${fbn}`);
  return maps.get(
    `${best.hash} ${fbn}`,
    (map) => map.byteLength,
    () => readMap(project.path(best.file), fbn),
  );
}

/**
 * Mean over the test subjects, mean − SD and mean + SD of every FBN's activation, each subject's z-scored over time.
 * @returns [fbns, 3 × time]
 */
function bandsOf(project: Project, embedding: Embedding, movieRunId: number): Promise<Matrix> {
  present(embedding.result, `embedding ${embedding.id} is not trained to its end yet`);
  const movieRun = present(
    listMovieRuns(project.database).find(({ id }) => id === movieRunId),
    'there is no such movie run',
  );
  const runs = activationRuns(embedding, listRuns(project.database)).filter((run) => run.movieRun === movieRun.name);
  const keys = runs.map((run) => run.key);
  const time = present(movieRun.timePoints, 'the movie run has no length yet');
  return matrices.get(`bands ${embedding.key} ${time} ${keys.join(' ')}`, bytesOf, async () => {
    const cache = ActivationCache.openReadOnly(project.activationsFile);
    try {
      return await summarise(cache, embedding, keys, time);
    } finally {
      cache.close();
    }
  });
}

async function summarise(cache: ActivationCache, embedding: Embedding, keys: readonly string[], time: number): Promise<Matrix> {
  const { fbns } = embedding;
  const sum = new Float64Array(fbns * time);
  const squares = new Float64Array(fbns * time);
  let subjects = 0;
  for (const key of keys) {
    const activation = cache.readFbnActivation(embedding.key, key);
    if (!activation) continue;
    subjects++;
    for (let fbn = 0; fbn < fbns; fbn++) {
      const series = activation.data.subarray(fbn * activation.columns, fbn * activation.columns + time);
      addZScores(series, sum, squares, fbn * time);
    }
    // The host answers others between subjects.
    await new Promise((resolve) => setImmediate(resolve));
  }
  present(subjects || undefined, 'there are no FBN activations for this movie run');
  return bandsFrom(sum, squares, subjects, fbns, time);
}

/** Adds a series' z-scores, and their squares, from a place on; NaN for a constant series. Allocates nothing: there are many. */
function addZScores(series: Float32Array, sum: Float64Array, squares: Float64Array, at: number): void {
  let mean = 0;
  for (let t = 0; t < series.length; t++) mean += series[t]!;
  mean /= series.length;
  let variance = 0;
  for (let t = 0; t < series.length; t++) variance += (series[t]! - mean) ** 2;
  const scale = variance > 0 ? 1 / Math.sqrt(variance / series.length) : NaN;
  for (let t = 0; t < series.length; t++) {
    const value = (series[t]! - mean) * scale;
    sum[at + t]! += value;
    squares[at + t]! += value * value;
  }
}

function bandsFrom(sum: Float64Array, squares: Float64Array, subjects: number, fbns: number, time: number): Matrix {
  const data = new Float32Array(fbns * 3 * time);
  for (let i = 0; i < sum.length; i++) {
    const mean = sum[i]! / subjects;
    const deviation = Math.sqrt(Math.max(0, squares[i]! / subjects - mean * mean));
    const at = Math.floor(i / time) * 3 * time + (i % time);
    data[at] = mean;
    data[at + time] = mean - deviation;
    data[at + 2 * time] = mean + deviation;
  }
  return { rows: fbns, columns: 3 * time, data };
}

async function volume(values: Float32Array, mask: Mask): Promise<Response> {
  const content = { grid: mask.grid, volumes: [unmask(values, mask)], count: 1, dataType: 'float32', spaceCode: 4 } as const;
  return bytes(await encodeNifti(content), 'application/octet-stream');
}
