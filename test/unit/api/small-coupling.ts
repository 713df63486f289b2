import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProject, type Project } from '../../../src-main/project/project';
import { storeCoupling } from '../../../src-main/project/queries/couplings';
import { beginEmbedding, completeEmbedding } from '../../../src-main/project/queries/embeddings';
import { setCurrentMask } from '../../../src-main/project/queries/masks';
import { listLayers, storeModel } from '../../../src-main/project/queries/models';
import { ensureMovieRun } from '../../../src-main/project/queries/movie-runs';
import { addSource } from '../../../src-main/project/queries/sources';

const hash = (letter: string) => letter.repeat(64);
export const FBNS = 4;
export const FILTERS = 6;

/** Where the pairs of a small project are. */
export interface SmallCoupling {
  folder: string;
  embedding: number;
  layer: number;
}

/**
 * A project with one trained embedding, one model and the pairs of two movie runs, as if the method had been gone through; what lies
 * beneath (runs, frames, activations) is not there.
 * @param inFolder where to make it; a new temporary folder where it is left out
 */
export function makeSmallCoupling(inFolder?: string): SmallCoupling {
  const folder = join(inFolder ?? realpathSync(mkdtempSync(join(tmpdir(), 'syncact-coupling-'))), 'small.syncact');
  const project = createProject(folder, 'test', '0');
  const { database } = project;
  const grid = { shape: [2, 2, 2] as [number, number, number], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
  const mask = { hash: hash('b'), file: 'masks/none.nii.gz', fileHash: hash('b'), voxels: 8, grid, origin: 'made up' };
  const { id: maskId } = setCurrentMask(database, mask as never);
  const settings = { fbns: FBNS };
  const inputs = { trainRuns: [], validationRuns: [] };
  const { id: embedding } = beginEmbedding(database, {
    ...{ key: hash('e'), variant: 'lt', fbns: FBNS, maskId, settings, inputs, provenance: {} },
  } as never);
  complete(project, embedding, 'c');
  const source = join(folder, 'net.onnx');
  writeFileSync(source, 'x');
  const model = storeModel(
    database,
    {
      ...{
        name: 'net',
        architecture: null,
        trainedOn: null,
        top1Percent: null,
        sourceId: addSource(database, source, hash('a')),
      },
      summary: { contentHash: hash('a'), preprocessing: {}, description: {} },
    },
    [{ position: 0, name: 'layer4', filters: FILTERS, kind: 'Conv', isLastConvolution: true, blockIndex: 0 }],
  );
  const layer = listLayers(database, model)[0]!.id;
  for (const run of ['run-1', 'run-2']) couple(project, embedding, layer, run, (fbn) => (fbn + 1) % FILTERS);
  project.close();
  return { folder, embedding, layer };
}

/** Ends the training of an embedding with weights of this hash. */
export function complete(project: Project, embedding: number, letter: string): void {
  const file = { file: 'checkpoints/none', hash: hash(letter) };
  const result = {
    bestEpoch: 1,
    secondsPerEpoch: 1,
    best: file,
    last: file,
    maps: file,
    testSubjects: [],
    explainedVariance: null,
  };
  completeEmbedding(project.database, embedding, result as never, {});
}

/** Couples every FBN with the filter that it is told to. @param letter of the hash of what it is computed from */
export function couple(
  project: Project,
  embedding: number,
  layer: number,
  movieRun: string,
  filterOf: (fbn: number) => number,
  letter = 'd',
): void {
  const pairs = Array.from({ length: FBNS }, (_, fbn) => ({
    fbn,
    filter: filterOf(fbn),
    r: 0.5 - 0.1 * fbn,
    p: 0.001 * (fbn + 1),
  }));
  const movieRunId = movieRunOf(project, movieRun);
  storeCoupling(
    project.database,
    {
      ...{ key: hash(letter), embeddingId: embedding, layerId: layer, movieRunId, direction: 'fbn-to-filter', mode: 'paper' },
      ...{ reducer: 'max', fbns: FBNS, filters: FILTERS, timePoints: 100, pairs: pairs.length, undefinedPairs: 0, meanR: 0.3 },
      notSignificant: 0,
    } as never,
    pairs as never,
  );
}

function movieRunOf(project: Project, name: string): number {
  const found = ensureMovieRun(project.database, name) as number | { id: number };
  return typeof found === 'number' ? found : found.id;
}
