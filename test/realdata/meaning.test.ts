import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { currentCouplingInputs } from '../../src-main/api/coupling-inputs';
import { describePair } from '../../src-main/api/pair-details';
import { describeFilter } from '../../src-main/api/semantics/filters';
import { rankTerms } from '../../src-main/api/semantics/terms';
import { readMap } from '../../src-main/embedding/checkpoint';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { openProjectReadOnly, type Project } from '../../src-main/project/project';
import { listCouplings, listPairs, type NamedCoupling } from '../../src-main/project/queries/couplings';
import { listEmbeddings, type Embedding } from '../../src-main/project/queries/embeddings';
import { listVocabularies } from '../../src-main/project/queries/vocabularies';
import { openFilterPictures } from '../../src-main/semantics/dissection/picture-file';
import { listImageSets } from '../../src-main/project/queries/image-sets';
import { runJson } from '../e2e/cli';
import { FULL_MEANING, makeMeaningProject } from '../walkthrough/meaning';
import { realdataAvailable } from './realdata-folder';

describe.skipIf(!realdataAvailable)('the trained SqueezeNet on real clips: what the pair view shows', () => {
  let folder: string;
  let project: Project;
  let embedding: Embedding;
  let coupling: NamedCoupling;
  let pair: { fbn: number; filter: number; r: number };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meaning-'));
    const size = { ...FULL_MEANING, subjects: 4, terms: 'small', permutations: 19 } as const;
    project = openProjectReadOnly(await makeMeaningProject(size, folder));
    embedding = listEmbeddings(project.database)[0]!;
    coupling = listCouplings(project.database).find(
      ({ movieRun, direction }) => movieRun === 'task-bikes' && direction === 'fbn-to-filter',
    )!;
    pair = listPairs(project.database, coupling.id)[0]!;
  }, 300_000);
  afterAll(async () => {
    project?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the FBN: a map, terms with r, and a second opinion on them', async () => {
    const map = await readMap(project.path(embedding.result!.best.file), pair.fbn);
    expect(map.every(Number.isFinite)).toBe(true);
    const [vocabulary] = listVocabularies(project.database);
    const { positive } = rankTerms(project, embedding, vocabulary!)[pair.fbn]!;
    expect(positive.length).toBeGreaterThan(2);
    for (const { r, spatialNull } of positive) {
      expect(r).toBeGreaterThan(0);
      expect(spatialNull!.p).toBeGreaterThanOrEqual(Math.fround(1 / 20));
      expect(spatialNull!.familyP).toBeGreaterThanOrEqual(spatialNull!.p);
    }
  });

  test('both activations over either clip, with r and every p', async () => {
    const { runs } = await describePair(project, { coupling: coupling.id, ...pair });
    expect(new Map(runs.map(({ movieRun, timePoints }) => [movieRun, timePoints]))).toEqual(
      new Map([
        ['task-bunny', 66],
        ['task-bikes', 125],
      ]),
    );
    const here = runs.find(({ couplingId }) => couplingId === coupling.id)!;
    expect(here.r).toBeGreaterThan(0.5);
    for (const p of [here.p, here.pEffective, here.pNull]) expect(p).toBeLessThanOrEqual(1);
  });

  test('the filter: frames of the clip, its class, a dissected colour with its chance level, photos', async () => {
    const { labels, images } = await describeFilter(project, coupling.layerId, pair.filter);
    expect(labels.map(({ set }) => set).sort()).toEqual(['ImageNet class', 'colours of photos']);
    const [byClass, byColour] = ['ImageNet class', 'colours of photos'].map((name) => labels.find(({ set }) => set === name)!);
    expect(byClass!.label).not.toBe('');
    expect(byColour!.candidates.every(({ score, chance }) => score >= 0 && score <= 1 && chance! >= 0)).toBe(true);
    expect(images[0]!.pictures.length).toBeGreaterThan(0);
    const file = await openFilterPictures(project.path(listImageSets(project.database)[0]!.file));
    const { width, height } = await sharp(await file.read(pair.filter, 0)).metadata();
    await file.close();
    expect(Math.min(width, height)).toBeGreaterThan(32);
    const cache = ActivationCache.openReadOnly(project.activationsFile);
    const frames = cache.readTopFrames(currentCouplingInputs(project)(coupling)!.filterActivation)!;
    cache.close();
    const first = pair.filter * frames.framesPerFilter;
    const places = [...frames.indices.subarray(first, first + frames.framesPerFilter)].filter((place) => place >= 0);
    expect(places.length).toBeGreaterThan(2);
    for (const place of places) expect(place).toBeLessThan(coupling.timePoints);
  });

  test('the figure of the pair holds all three panels', async () => {
    const out = join(folder, 'pair.svg');
    const row = { fbn: pair.fbn, filter: pair.filter, model: coupling.model, layer: coupling.layer, movieRun: coupling.movieRun };
    await runJson(
      'figure',
      project.folder,
      '--kind',
      'pairs',
      '--out',
      out,
      '--set',
      `rows=${JSON.stringify([row])}`,
      '--dpi',
      '100',
    );
    const svg = await readFile(out, 'utf8');
    for (const text of [`FBN ${pair.fbn}`, 'most activating frames', 'representative images', '(t-test)', '(corrected)'])
      expect(svg).toContain(text);
  });
});
