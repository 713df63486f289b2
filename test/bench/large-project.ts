import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import type { ModelSummary } from '../../src-main/api/activation-keys';
import { currentCouplingInputs } from '../../src-main/api/coupling-inputs';
import { embeddingKey, movieKey, runKey } from '../../src-main/api/keys';
import { storeTiming } from '../../src-main/api/timing';
import { programVersion } from '../../src-main/api/version';
import { storeActivation } from '../../src-main/compute/store-activation';
import { correlate } from '../../src-main/coupling/correlate';
import { findPairs } from '../../src-main/coupling/pairs';
import { createEngineProduct, type SeriesProduct } from '../../src-main/coupling/product';
import { SIGNIFICANCE_LEVEL } from '../../src-main/coupling/significance';
import { averageOverSubjects } from '../../src-main/embedding/encode';
import { completeSettings } from '../../src-main/embedding/settings';
import { onnxruntimeEngine as engine } from '../../src-main/engines/onnxruntime';
import { writeFramesFile } from '../../src-main/files/frames-file';
import { hashBytes, hashFile } from '../../src-main/files/hash';
import { writeMask, type Mask } from '../../src-main/fmri/mask';
import { splitSubjects } from '../../src-main/fmri/split';
import { Random } from '../../src-main/phantom/random';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { createProject, type Project } from '../../src-main/project/project';
import { storeCoupling, type Direction } from '../../src-main/project/queries/couplings';
import { beginEmbedding, completeEmbedding, listEmbeddings, storeEpoch } from '../../src-main/project/queries/embeddings';
import { addJob, setJobFinished, setJobRunning } from '../../src-main/project/queries/jobs';
import { setCurrentMask } from '../../src-main/project/queries/masks';
import { listLayers, listModels, storeModel, type Model } from '../../src-main/project/queries/models';
import { ensureMovieRun, listMovies, storeMovie } from '../../src-main/project/queries/movie-runs';
import { listRuns, storeRun, type Run } from '../../src-main/project/queries/runs';
import { addSource } from '../../src-main/project/queries/sources';
import { listSubjects, storeSplit } from '../../src-main/project/queries/subjects';
import * as arrays from './large-project-arrays';

export interface LargeProjectSize {
  subjects: number;
  movieRuns: number;
  models: number;
  layersPerModel: number;
  filtersPerLayer: number[];
  fbns: number;
  voxelMm: number;
  timePoints: number;
  /** Filters of the only layer of one more model, coupled in one movie run and direction; left out, there is no such model. */
  wideFilters?: number;
}

/** The paper's data and its CNNs, with the widest layers that torchvision's models have. */
export const largeProject: LargeProjectSize = {
  ...{ subjects: 184, movieRuns: 4, models: 10, layersPerModel: 5, filtersPerLayer: [64, 256, 512, 1024, 2208] },
  ...{ fbns: 512, voxelMm: 4, timePoints: 900, wideFilters: 20_000 },
};

const WIDE = arrays.WIDE_CNN[0];
/** Models whose r matrices are kept: those of all would be 370 MB. */
const WITH_MATRICES = new Set(['resnet50', WIDE]);
/** FBNs of the embedding that is not coupled. */
const SMALL_EMBEDDING = 64;
const EPOCHS = 100;
const TR_SECONDS = 1;
const SEED = 0;
const DEVICE = 'cpu';
const PROVENANCE = { device: DEVICE, frameRule: 'last', computedAt: '2025-11-12T12:00:00.000Z' };

/** What the parts of the generation share. */
interface Generation {
  project: Project;
  cache: ActivationCache;
  size: LargeProjectSize;
  mask: Mask;
  maskId: number;
  /** Folder of the files that things are said to be imported from. */
  sources: string;
  noise: arrays.Noise;
  /** What the FBNs do in all subjects, by movie run. */
  shared: Map<string, Matrix>;
}

/**
 * Makes a project as if a lab had gone through the whole method; sources lie in a folder "sources" beside it. Run files and half of
 * the checkpoints are holes. Everything else is as the jobs record it: keys, hashes and pairs follow from what is stored.
 * @param folder new; by custom NAME.syncact
 */
export async function generateLargeProject(folder: string, size: LargeProjectSize = largeProject): Promise<void> {
  const path = resolve(folder);
  const sources = join(dirname(path), 'sources');
  const project = createProject(path, 'generator of large projects', programVersion);
  mkdirSync(sources, { recursive: true });
  const cache = ActivationCache.open(project.activationsFile);
  const { product, release } = await createEngineProduct(engine);
  try {
    const mask = arrays.createBrain(size.voxelMm);
    const maskId = await addMask(project, mask);
    const noise = arrays.createNoise(new Random(SEED, 'noise of single subjects and filters'));
    const generation: Generation = { project, cache, size, mask, maskId, sources, noise, shared: new Map() };
    await addRuns(generation);
    for (const movieRun of movieRunNames(size)) await addMovie(generation, movieRun);
    await addEmbedding(generation, Math.min(SMALL_EMBEDDING, size.fbns / 2));
    const coupled = await addEmbedding(generation, size.fbns);
    addModels(generation);
    for (const model of listModels(project.database)) await addCouplings(generation, coupled, model, product);
    addJobs(generation);
  } finally {
    await release();
    cache.close();
    project.close();
  }
}

async function addMask(project: Project, mask: Mask): Promise<number> {
  const [file, origin] = [`masks/${mask.hash.slice(0, 16)}.nii.gz`, 'intersection of the masks of the dataset'];
  await writeMask(project.path(file), mask, 4);
  const fileHash = await hashFile(project.path(file));
  return setCurrentMask(project.database, { ...mask, voxels: mask.voxels.length, file, fileHash, origin }).id;
}

/** All scans: one picture of eight voxels for a source, told apart by their confounds; run files of zeros; one mean image. */
async function addRuns({ project, size, mask, maskId, sources }: Generation): Promise<void> {
  const { database } = project;
  const names = Array.from({ length: size.subjects }, (_, i) => `sub-${String(i + 1).padStart(3, '0')}`);
  storeSplit(database, splitSubjects(names, SEED), SEED);
  const subjectIds = new Map(listSubjects(database).map(({ name, id }) => [name, id]));
  const timing = { volumes: size.timePoints, trSeconds: TR_SECONDS };
  const source = await arrays.makeScan(mask.grid, size.timePoints, TR_SECONDS);
  const sourceHash = hashBytes(source);
  const header = {
    ...({ version: 1, time: size.timePoints, voxels: mask.voxels.length, dataType: 'float16', trSeconds: TR_SECONDS } as const),
    ...{ grid: mask.grid, maskHash: mask.hash, sourceHash, sumOfSquares: 0, invalidVoxels: [], parameters: {} },
  };
  const parameters = { detrend: true, confounds: 'default', antiAlias: false, dataType: 'float16', trSeconds: TR_SECONDS };
  const counts = { constantVoxels: 0, nonFiniteVoxels: 0, warnings: [] };
  const mean = await arrays.writeMeanImage(project.folder, mask);
  let fileHash = '';
  for (const [name, movieRun] of names.flatMap((name) => movieRunNames(size).map((movieRun) => [name, movieRun] as const))) {
    const stem = `${name}_${movieRun}`;
    const [path, file, meanFile] = [join(sources, name, `${stem}_bold.nii`), `runs/${stem}.run`, `means/${stem}.nii.gz`];
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, source);
    await arrays.writeSparseRunFile(project.path(file), header);
    linkSync(project.path(mean.file), project.path(meanFile));
    fileHash ||= await hashFile(project.path(file));
    const key = runKey({ sourceHash, confoundsHash: hashBytes(`confounds of ${stem}`), maskHash: mask.hash, parameters });
    database.transaction(() => {
      const [movieRunId, sourceId] = [ensureMovieRun(database, movieRun).id, addSource(database, path, sourceHash)];
      const ids = { subjectId: subjectIds.get(name)!, movieRunId, maskId, sourceId, key };
      storeRun(database, { ...ids, file, fileHash, mean: { ...mean, file: meanFile }, ...timing, ...counts, parameters });
    })();
  }
}

function movieRunNames({ movieRuns }: LargeProjectSize): string[] {
  return Array.from({ length: movieRuns }, (_, i) => `task-movie_run-${i + 1}`);
}

async function addMovie({ project, size, sources, shared }: Generation, movieRun: string): Promise<void> {
  const { database } = project;
  const [source, file] = [join(sources, `${movieRun}.mp4`), `frames/${movieRun}.frames`];
  const pictures = await arrays.drawMovie(new Random(SEED, movieRun), size.timePoints);
  arrays.encodeVideo(source, pictures);
  const sourceHash = await hashFile(source);
  const timing = { trSeconds: TR_SECONDS, offsetSeconds: 0, ...arrays.FRAME };
  const header = { ...timing, times: pictures.map((_, tr) => tr * TR_SECONDS), sourceHash, rule: 'last-frame-of-tr' };
  await writeFramesFile(project.path(file), header, pictures);
  const fileHash = await hashFile(project.path(file));
  const frames = pictures.length;
  const { width: sourceWidth, height: sourceHeight } = arrays.FRAME;
  const rate = { durationSeconds: frames * TR_SECONDS, framesPerSecond: 1 / TR_SECONDS, variableFrameRate: false };
  const summary = { ...rate, sourceWidth, sourceHeight, emptyTrs: 0, warnings: [] };
  const { id: movieRunId } = ensureMovieRun(database, movieRun);
  const key = movieKey({ sourceHash, frames, ...timing });
  addSource(database, source, sourceHash);
  storeMovie(database, { movieRunId, source, sourceHash, key, file, fileHash, frames, ...timing, summary });
  storeTiming(project, movieRun, false);
  shared.set(movieRun, arrays.makeSharedSeries(new Random(SEED, `FBNs in ${movieRun}`), size.fbns, size.timePoints));
}

/** An embedding to couple: mean FBN activations over the test subjects, [fbns, time], by movie run. */
type Coupled = { id: number; averaged: Map<string, Matrix> };

async function addEmbedding(generation: Generation, fbns: number): Promise<Coupled> {
  const { project, mask, maskId } = generation;
  const { database } = project;
  const random = new Random(SEED, `embedding of ${fbns} FBNs`);
  const runs = Map.groupBy(listRuns(database), (run) => run.split);
  const [train, validation, test] = [runs.get('train') ?? [], runs.get('validation') ?? [], runs.get('test') ?? []];
  const inputs = { trainRuns: train.map((run) => run.key), validationRuns: validation.map((run) => run.key) };
  const complete = completeSettings({ fbns, epochs: EPOCHS, seed: SEED });
  const { variant, batchSize, learningRate } = complete;
  const settings = { variant, fbns, epochs: EPOCHS, batchSize, learningRate, seed: SEED };
  const key = embeddingKey({ variant, settings, maskHash: mask.hash, ...inputs, device: DEVICE, engine: engine.name });
  const [engineVersion, device] = [engine.version, { requested: 'auto', actual: DEVICE }];
  const provenance = { engine: engine.name, engineVersion, device, seed: SEED, threads: 16 };
  const { id } = beginEmbedding(database, { key, variant, fbns, maskId, settings, inputs, provenance });
  const epochs = arrays.makeEpochs(random, EPOCHS, fbns);
  const { epoch: bestEpoch } = epochs.reduce((a, b) => (b.validationLoss! < a.validationLoss! ? b : a));
  const samples = (part: readonly Run[]) => part.map((run) => ({ name: `${run.subject} ${run.movieRun}`, time: run.volumes }));
  const description = {
    ...{ settings: complete, voxels: mask.voxels.length, excludedVoxels: 0, epoch: bestEpoch, device: DEVICE },
    ...{ train: samples(train), validation: samples(validation), engine: engine.name, engineVersion },
  };
  const files = await arrays.writeEmbeddingFiles(project.folder, key.slice(0, 16), random, mask, description);
  // Like the training: a project without test subjects is encoded on all of them.
  const encoded = test.length > 0 ? test : listRuns(database);
  const averaged = encode(generation, key, fbns, encoded);
  const testSubjects = [...new Set(encoded.map((run) => run.subject))];
  const result = { bestEpoch, secondsPerEpoch: 0.07 * fbns, ...files, testSubjects, explainedVariance: 0.24 + 0.0003 * fbns };
  database.transaction(() => {
    for (const epoch of epochs) storeEpoch(database, id, epoch);
    completeEmbedding(database, id, result, provenance);
  })();
  return { id, averaged };
}

/** Stores FBN activations of runs; returns their means by movie run. */
function encode({ cache, shared, noise }: Generation, key: string, fbns: number, runs: readonly Run[]): Map<string, Matrix> {
  const byMovieRun = [...Map.groupBy(runs, (run) => run.movieRun)];
  const averages = byMovieRun.map(([movieRun, same]) => {
    const activations = same.map(() => arrays.makeSubjectActivation(shared.get(movieRun)!, fbns, noise));
    same.forEach((run, i) => cache.writeFbnActivation(key, run.key, activations[i]!));
    return [movieRun, averageOverSubjects(activations)] as const;
  });
  return new Map(averages);
}

function addModels({ project, size, sources }: Generation): void {
  const cnns = [...arrays.CNNS.slice(0, size.models), ...(size.wideFilters ? [arrays.WIDE_CNN] : [])];
  for (const [name, architecture, top1Percent, layerNames] of cnns) {
    const filters = name === WIDE ? [size.wideFilters!] : size.filtersPerLayer;
    const source = join(sources, `${name}.onnx`);
    writeFileSync(source, `in place of ${name}`);
    const contentHash = hashBytes(`in place of ${name}`);
    const input = { name: 'input', layout: 'NCHW', height: 224, width: 224, channels: 3, batch: null, elementType: 1 };
    const layers = layerNames
      .split(' ')
      .slice(-size.layersPerModel)
      .map((layer, i) => arrays.describeLayer(layer, filters[i]!, i));
    const summary: ModelSummary = {
      ...{ contentHash, preprocessing: { normalisation: 'imagenet', channelOrder: 'RGB' } },
      description: { input, outputs: 1, layers },
    };
    const model = {
      name,
      architecture,
      trainedOn: name === WIDE ? null : 'ImageNet',
      top1Percent,
      file: null,
      fileHash: null,
      card: {},
      summary,
    };
    const records = layers.map(({ name, filters, kind, order }) => {
      return { name, filters, kind, position: order, blockIndex: order, isLastConvolution: order === layers.length - 1 };
    });
    storeModel(project.database, { ...model, sourceId: addSource(project.database, source, contentHash) }, records);
  }
}

/** Extracts a model's layers over the movie runs and couples them with an embedding. */
async function addCouplings(
  { project, cache, size, noise, shared }: Generation,
  { id: embeddingId, averaged }: Coupled,
  model: Model,
  product: SeriesProduct,
): Promise<void> {
  const { timePoints } = size;
  const layers = listLayers(project.database, model.id);
  const inputsOf = currentCouplingInputs(project);
  const [movies, directions]: [number, Direction[]] =
    model.name === WIDE ? [1, ['filter-to-fbn']] : [Infinity, ['fbn-to-filter', 'filter-to-fbn']];
  for (const { movieRunId, movieRun } of listMovies(project.database).slice(0, movies)) {
    const coupled = layers.map((layer, i) => {
      const which = { embeddingId, layerId: layer.id, movieRunId, reducer: 'max' };
      // The same in all movie runs, so that a filter follows the same FBN in all of them.
      const random = new Random(SEED, `${model.name} ${layer.name}`);
      const depth = (i + 1) / layers.length;
      const filters = arrays.makeFilterActivations(random, noise, shared.get(movieRun)!, layer.filters!, depth);
      return { which, ...inputsOf(which)!, filters };
    });
    for (const { filterActivation, filters } of coupled) storeActivation(cache, filterActivation, filters, PROVENANCE);
    for (const { which, key, filters } of coupled) {
      const r = await correlate(averaged.get(movieRun)!, filters, { product });
      if (WITH_MATRICES.has(model.name)) cache.writeCorrelation(key, r);
      for (const direction of directions) {
        const pairs = findPairs(r, direction, timePoints);
        const coupling = { key, ...which, direction, fbns: r.rows, filters: r.columns, timePoints } as const;
        const undefinedPairs = (direction === 'fbn-to-filter' ? r.rows : r.columns) - pairs.length;
        const meanR = pairs.reduce((sum, pair) => sum + pair.r, 0) / pairs.length;
        const notSignificant = pairs.filter(({ p }) => p > SIGNIFICANCE_LEVEL).length;
        storeCoupling(project.database, { ...coupling, pairs: pairs.length, undefinedPairs, meanR, notSignificant }, pairs);
      }
    }
  }
}

/** The jobs that would have made all this. */
function addJobs({ project, sources }: Generation): void {
  const { database } = project;
  const timing = { trSeconds: TR_SECONDS };
  const add = (type: string, input: unknown) => {
    const id = addJob(database, type, input);
    setJobRunning(database, id);
    setJobFinished(database, id, 'done');
  };
  add('import-fmri', { source: { bids: sources }, detrend: true, confounds: 'default', ...timing });
  for (const { movieRun, source: video } of listMovies(database))
    add('import-movie', { movieRun, source: { video }, ...timing, ...arrays.FRAME });
  for (const { fbns } of listEmbeddings(database)) add('train', { fbns, epochs: EPOCHS, seed: SEED });
  for (const { name, sourcePath: file } of listModels(database)) add('import-model', { file, name });
  for (const { name } of listModels(database)) add('extract', { model: name, layers: 'blocks' });
  add('couple', { embedding: listEmbeddings(database).at(-1)!.id });
}
