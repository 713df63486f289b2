import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { readModel } from '../../../src-main/cnn/read-model';
import { hashNamesAndSizes } from '../../../src-main/compute/tasks/pictures';
import { hashFile } from '../../../src-main/files/hash';
import { encodeModel } from '../../../src-main/onnx/model';
import { createProject, type Project } from '../../../src-main/project/project';
import { beginEmbedding } from '../../../src-main/project/queries/embeddings';
import { storeLabelSet } from '../../../src-main/project/queries/filter-labels';
import { storeImageSet } from '../../../src-main/project/queries/image-sets';
import { setCurrentMask } from '../../../src-main/project/queries/masks';
import { listLayers, storeModel } from '../../../src-main/project/queries/models';
import { ensureMovieRun, storeMovie } from '../../../src-main/project/queries/movie-runs';
import { storeRun } from '../../../src-main/project/queries/runs';
import { addRecipe, addSource } from '../../../src-main/project/queries/sources';
import { listSubjects, storeSplit } from '../../../src-main/project/queries/subjects';
import { storeVocabulary } from '../../../src-main/project/queries/vocabularies';
import { openConceptImages } from '../../../src-main/semantics/dissection/read-concepts';
import { inspectImages, listImages, listNumberedImages } from '../../../src-main/stimulus/image-folder';
import { SmallCnn } from '../cnn/small-models';

/** Every kind of source, below one folder: where each is, seen from there. */
export const everySource = {
  scan: 'bids/sub-01/func/bold.nii',
  video: 'movies/clip.mp4',
  frames: 'movies/frames',
  checkpoint: 'models/net.pth',
  network: 'models/net.onnx',
  maps: 'ica/maps.nii.gz',
  table: 'ica/activations.csv',
  terms: 'terms/features.npz',
  labels: 'labels/tally.csv',
  labelledPictures: 'pictures/broden',
  pictures: 'pictures/plain',
  mask: 'mask.nii',
} as const;

/** A file beside the network, with its weights. */
export const weightsFile = 'models/net.weights';

/** A project of sources of every kind; what was made of them is not there. */
export async function makeEverySource(): Promise<{ folder: string; old: string; project: Project }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-sources-')));
  const old = join(folder, 'old');
  const at = (name: keyof typeof everySource) => join(old, everySource[name]);
  for (const name of ['scan', 'video', 'checkpoint', 'maps', 'table', 'terms', 'labels', 'mask'] as const) {
    mkdirSync(join(at(name), '..'), { recursive: true });
    writeFileSync(at(name), `content of ${name}`);
  }
  await makePictures(at('frames'), 'frame-');
  await makePictures(at('pictures'), 'picture-');
  await makePictures(join(at('labelledPictures'), 'images'), 'p');
  writeFileSync(join(at('labelledPictures'), 'index.csv'), 'image,split,ih,iw,sh,sw,scene\np1.png,train,4,4,4,4,1\n');
  writeFileSync(join(at('labelledPictures'), 'label.csv'), 'number,name,category\n1,street,scene\n');
  writeNetwork(at('network'));
  const project = createProject(join(folder, 'p.syncact'), 'test', '0');
  project.database.pragma('synchronous = OFF');
  await storeScansAndMovies(project, at);
  await storeModels(project, at);
  await storeSemantics(project, at);
  return { folder, old, project };
}

type At = (name: keyof typeof everySource) => string;

async function makePictures(folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const i of [1, 2]) {
    const background = { r: 60 * i, g: 20, b: 30 };
    await sharp({ create: { width: 4, height: 4, channels: 3, background } })
      .png()
      .toFile(join(folder, `${name}${i}.png`));
  }
}

/** A network that keeps its weights in a file beside it. */
function writeNetwork(path: string): void {
  const cnn = new SmallCnn('net');
  const y = cnn.convolution(cnn.input('x', 'float', [1, 3, 4, 4]), { from: 3, to: 2, kernel: 1, weights: 'w' });
  cnn.output('y', y, 'float', [1, 2, 4, 4]);
  const model = cnn.model();
  const weights = model.graph.initializer!.find((tensor) => tensor.name === 'w')!;
  writeFileSync(join(path, '..', 'net.weights'), weights.rawData!);
  delete weights.rawData;
  weights.dataLocation = 1;
  weights.externalData = [{ key: 'location', value: 'net.weights' }];
  writeFileSync(path, encodeModel(model));
}

async function add({ database }: Project, path: string): Promise<{ id: number; path: string; hash: string }> {
  const hash = await hashFile(path);
  return { id: addSource(database, path, hash), path, hash };
}

async function storeScansAndMovies(project: Project, at: At): Promise<void> {
  const { database } = project;
  const grid = { shape: [1, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } as never;
  const mask = { hash: 'm', file: 'masks/m.nii.gz', fileHash: 'm', voxels: 1, grid, origin: at('mask') };
  const { id: maskId } = setCurrentMask(database, mask);
  await add(project, at('mask'));
  storeSplit(database, new Map([['sub-01', 'train']]));
  const movieRunId = ensureMovieRun(database, 'clip').id;
  storeRun(database, {
    ...{ subjectId: listSubjects(database)[0]!.id, movieRunId, maskId, sourceId: (await add(project, at('scan'))).id, key: 'k' },
    ...{ file: 'runs/a.run', fileHash: 'x', volumes: 2, trSeconds: 1, constantVoxels: 0, nonFiniteVoxels: 0 },
    ...{ parameters: {}, warnings: [] },
  });
  const movie = {
    key: 'k',
    file: 'frames/a.frames',
    fileHash: 'x',
    frames: 2,
    width: 4,
    height: 4,
    trSeconds: 1,
    offsetSeconds: 0,
  };
  const video = await add(project, at('video'));
  storeMovie(database, { ...movie, movieRunId, source: video.path, sourceHash: video.hash, summary: {} });
  const { hash } = await inspectImages(await listNumberedImages(at('frames')), new AbortController().signal);
  const stills = { movieRunId: ensureMovieRun(database, 'stills').id, source: at('frames'), sourceHash: hash, summary: {} };
  storeMovie(database, { ...movie, ...stills });
  const files = [await add(project, at('maps')), await add(project, at('table'))];
  beginEmbedding(database, {
    ...{ key: 'e', variant: 'external', fbns: 1, maskId, provenance: {} },
    settings: { name: 'melodic', maps: at('maps') },
    inputs: { trainRuns: [], validationRuns: [], sources: files.map(({ path, hash }) => ({ path, hash })) },
  });
}

async function storeModels(project: Project, at: At): Promise<void> {
  const { database } = project;
  const about = { architecture: null, trainedOn: null, top1Percent: null };
  const layer = { position: 0, name: 'conv', filters: 2, kind: 'Conv', isLastConvolution: true, blockIndex: null };
  const checkpoint = await add(project, at('checkpoint'));
  const converted = { file: 'models/c.onnx', fileHash: 'c', summary: { contentHash: 'of the converted file' } };
  storeModel(database, { ...about, name: 'converted', sourceId: checkpoint.id, ...converted }, [layer]);
  const network = await add(project, at('network'));
  const summary = { contentHash: (await readModel(at('network'))).hash };
  storeModel(database, { ...about, name: 'net', sourceId: network.id, summary }, [layer]);
  const recipe = addRecipe(database, 'random weights of ResNet-18, seed 0', 'r');
  storeModel(database, { ...about, name: 'random', sourceId: recipe, ...converted }, [layer]);
}

async function storeSemantics(project: Project, at: At): Promise<void> {
  const { database } = project;
  const terms = await add(project, at('terms'));
  const content = {
    origin: `maps in ${join(terms.path, '..')}`,
    terms: ['face'],
    files: [{ path: terms.path, hash: terms.hash }],
  };
  const rest = { topicWords: null, studies: null, associatedVoxels: null, summary: null, threshold: null, voxels: 1 };
  const vocabulary = { name: 'words', key: 'k', file: 'terms/a', fileHash: 'x', maskHash: 'm', content: { ...content, ...rest } };
  storeVocabulary(database, vocabulary);
  const layerId = listLayers(database, 2)[0]!.id;
  const labels = await add(project, at('labels'));
  const imported = { layerId, name: 'Network Dissection', method: 'netdissect', score: 'IoU' as const, key: labels.hash };
  storeLabelSet(database, { ...imported, content: { origin: labels.path, sourceHash: labels.hash, numbering: null } }, []);
  // As older versions left it: the hash lies beside the labels alone.
  const { fingerprint } = await openConceptImages(at('labelledPictures'));
  const measured = { layerId, name: 'dissection', method: 'dissection', score: 'IoU' as const, key: 'd' };
  const origin = `1 pictures and 1 concepts of ${at('labelledPictures')}`;
  storeLabelSet(database, { ...measured, content: { origin, sourceHash: fingerprint, numbering: null } }, []);
  const set = { layerId, file: 'pictures/a.safetensors', fileHash: 'x' };
  const counts = { pictures: 2, filters: 2 };
  storeImageSet(database, { ...set, name: 'dissection', folder: at('labelledPictures'), key: 'd', content: counts });
  const sourceHash = hashNamesAndSizes(await listImages(at('pictures')));
  storeImageSet(database, { ...set, name: 'plain', folder: at('pictures'), key: 'p', content: { ...counts, sourceHash } });
}
