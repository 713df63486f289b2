import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { Engine } from '../../src-preload/shared/domain/engine';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { matrixRow } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { writeContentAtomically } from '../files/atomic-write';
import { unmask, writeMask, type Mask } from '../fmri/mask';
import { writeNifti } from '../fmri/nifti/write';
import { movieRunName, scanPath, writeBidsFrame, writeScanSidecars } from './bids';
import { createBrainMask, placesOf } from './brain';
import { buildPhantomCnn, describePhantomCnn, PLANTED_LAYER } from './cnn';
import { createScenes, writeMovie } from './movie';
import { movieActivations } from './movie-activations';
import { createNetworks, peakOf, type Network } from './networks';
import { NOISE_AUTOCORRELATION, NOISE_SHARES } from './noise';
import { choosePlantedFilters } from './planted-filters';
import type { Planted } from './planted-file';
import { Random } from './random';
import { BASELINE, MNI_SPACE, NOISE_UNITS, writeScan } from './scans';
import * as signals from './signals';

/**
 * Networks that follow a filter. Few, because the linear embedding is identified only up to a mixing of its FBNs: that one of them
 * shows a single network takes many more FBNs than networks.
 */
export const PLANTED_NETWORKS = 10;
/** Networks that follow no filter. */
export const DISTRACTOR_NETWORKS = 2;

/** What to generate, and where. */
export interface PhantomRequest {
  /** Is made where it is missing; files in it are replaced. */
  folder: string;
  /** 12 by default. */
  subjects?: number;
  /** Movie runs; 2 by default. */
  runs?: number;
  /** 240 by default. */
  trsPerRun?: number;
  /** 1 by default. */
  trSeconds?: number;
  /** Standard deviation of the noise, 1 by default; 0 for none. */
  noise?: number;
  /** 0 by default. The same seed gives the same data. */
  seed?: number;
  /** Runs the CNN over the movies. */
  engine: Engine;
  /** Written into the dataset's description. */
  version: string;
}

/** What was generated: raw data to import, and the truth to hold the results against. */
export interface PhantomSummary {
  /** Folder of a BIDS derivatives dataset. */
  bidsFolder: string;
  /** The brain mask of all subjects. */
  mask: string;
  /** By the name that importing the dataset gives the movie run. */
  movies: { movieRun: string; video: string }[];
  trSeconds: number;
  /** The CNN, an ONNX file. */
  model: string;
  /** The layer whose filters the networks follow. */
  layer: string;
  /** planted.json, with planted-maps.nii.gz beside it. */
  plantedFile: string;
  planted: Planted;
  /** The noise in words. */
  noiseDescription: string;
}

type Settings = Required<PhantomRequest>;

/**
 * Generates a phantom: movies, a CNN, and fMRI of subjects in whose brains networks follow filters of the CNN. The CNN is run
 * on the encoded movies, read back; activations are planted without delay, since the method uses no haemodynamic response.
 * @throws UserError for settings that make no phantom; CancelledError between frames and volumes
 */
export async function generatePhantom(request: PhantomRequest, context: WorkContext): Promise<PhantomSummary> {
  const settings: Settings = { subjects: 12, runs: 2, trsPerRun: 240, trSeconds: 1, noise: 1, seed: 0, ...request };
  checkSettings(settings);
  const { folder, trSeconds } = settings;
  await mkdir(folder, { recursive: true });
  const model = join(folder, 'phantom-cnn.onnx');
  await writeContentAtomically(model, buildPhantomCnn());
  const movies = await generateMovies(settings, context);
  const activations = await activationsOf(
    settings,
    movies.map(({ video }) => video),
    context,
  );
  const filters = choosePlantedFilters(activations, PLANTED_NETWORKS);
  const mask = createBrainMask();
  const places = placesOf(mask);
  const networks = createNetworks(new Random(settings.seed, 'networks'), places, PLANTED_NETWORKS + DISTRACTOR_NETWORKS);
  const bidsFolder = join(folder, 'bids');
  const shared = activations.map((run, index) => sharedSeries(settings, run, index + 1, filters));
  await generateScans(settings, { bidsFolder, mask, places, networks, shared }, context);
  const planted = describePlanted(settings, networks, places, filters);
  const maskFile = join(folder, 'brain-mask.nii.gz');
  await writeMask(maskFile, mask, MNI_SPACE);
  const plantedFile = await writePlanted(folder, planted, networks, mask);
  const noiseDescription = planted.noise.description;
  return { bidsFolder, mask: maskFile, movies, trSeconds, model, layer: PLANTED_LAYER, plantedFile, planted, noiseDescription };
}

function checkSettings({ subjects, runs, trsPerRun, trSeconds, noise, seed }: Settings): void {
  const refuse = (holds: boolean, name: string, expected: string, found: number) => {
    if (!holds)
      throw new UserError({
        code: 'setting-invalid',
        what: `the phantom cannot have this ${name}`,
        expected,
        found: String(found),
      });
  };
  const wholeFrom = (least: number, value: number, most: number) => Number.isInteger(value) && value >= least && value <= most;
  refuse(wholeFrom(1, subjects, 999), 'number of subjects', 'a whole number from 1 to 999', subjects);
  refuse(wholeFrom(1, runs, 99), 'number of movie runs', 'a whole number from 1 to 99', runs);
  refuse(wholeFrom(30, trsPerRun, 10_000), 'number of TRs', 'a whole number from 30 to 10000', trsPerRun);
  refuse(trSeconds >= 0.25 && trSeconds <= 10, 'TR', '0.25 to 10 s', trSeconds);
  refuse(noise >= 0 && noise <= 100, 'noise level', '0 to 100', noise);
  refuse(Number.isInteger(seed), 'seed', 'a whole number', seed);
}

async function generateMovies(
  { folder, runs, trsPerRun, trSeconds, seed }: Settings,
  context: WorkContext,
): Promise<PhantomSummary['movies']> {
  await mkdir(join(folder, 'movies'), { recursive: true });
  const movies: PhantomSummary['movies'] = [];
  const seconds = trsPerRun * trSeconds;
  for (let run = 1; run <= runs; run++) {
    const video = join(folder, 'movies', `run-${run}.mp4`);
    await writeMovie(video, createScenes(new Random(seed, `movie ${run}`), seconds), seconds, context);
    movies.push({ movieRun: movieRunName(run), video });
  }
  return movies;
}

/** @returns [filters, TRs] per movie run */
async function activationsOf(
  { engine, trsPerRun, trSeconds }: Settings,
  videos: string[],
  context: WorkContext,
): Promise<Matrix[]> {
  const session = await engine.createSession(buildPhantomCnn());
  try {
    const activations: Matrix[] = [];
    for (const video of videos) activations.push(await movieActivations(session, video, trsPerRun, trSeconds, context));
    return activations;
  } finally {
    await session.release();
  }
}

/** What every network does in a run in all subjects: the planted ones follow their filter, the others nothing. */
function sharedSeries(
  { seed, trsPerRun }: Settings,
  activations: Matrix,
  run: number,
  filters: readonly number[],
): Float32Array[] {
  const random = new Random(seed, `distractors ${run}`);
  const planted = filters.map((filter) => signals.zScored(matrixRow(activations, filter)));
  return [...planted, ...Array.from({ length: DISTRACTOR_NETWORKS }, () => signals.smoothSeries(random, trsPerRun))];
}

interface ScanPlan {
  bidsFolder: string;
  mask: Mask;
  places: Float32Array;
  networks: readonly Network[];
  /** Per run, per network. */
  shared: Float32Array[][];
}

async function generateScans(
  settings: Settings,
  { bidsFolder, mask, places, networks, shared }: ScanPlan,
  context: WorkContext,
): Promise<void> {
  const { subjects, runs, trsPerRun, trSeconds, noise, seed, version } = settings;
  await writeBidsFrame(bidsFolder, subjects, version);
  const total = subjects * runs * trsPerRun;
  let done = 0;
  for (let subject = 1; subject <= subjects; subject++) {
    const own = signals.createSubject(new Random(seed, `subject ${subject}`), networks, places);
    for (let run = 1; run <= runs; run++) {
      throwIfCancelled(context.signal);
      const path = scanPath(bidsFolder, subject, run);
      const random = new Random(seed, `scan ${subject} ${run}`);
      const series = signals.createSubjectSeries(random, shared[run - 1]!);
      const stage = `scanning the phantom, subject ${subject} run ${run}`;
      await writeScan({ path, mask, places, networks: own, series, trSeconds, noise, random }, context, () => {
        if (++done % 10 === 0 || done === total) context.progress({ stage, done, total, unit: 'volumes' });
      });
      await writeScanSidecars(path, run, trSeconds, mask);
    }
  }
}

function describePlanted(
  settings: Settings,
  networks: readonly Network[],
  places: Float32Array,
  filters: readonly number[],
): Planted {
  const { seed, subjects, runs, trsPerRun, trSeconds, noise } = settings;
  const descriptions = describePhantomCnn().at(-1)!.filters;
  return {
    what: 'The truth planted in this phantom: each network follows one filter of the CNN, a distractor none.',
    ...{ seed, subjects, runs, trsPerRun, trSeconds },
    noise: {
      level: noise,
      description: describeNoise(noise, networks),
      autocorrelation: NOISE_AUTOCORRELATION,
      shares: { ...NOISE_SHARES },
    },
    subjectVariability: {
      placeJitterMm: signals.PLACE_JITTER,
      strengthJitter: signals.STRENGTH_JITTER,
      ownAmplitude: signals.OWN_AMPLITUDE,
    },
    model: 'phantom-cnn.onnx',
    layer: PLANTED_LAYER,
    maps: 'planted-maps.nii.gz',
    networks: networks.map(({ name, map }, k) => {
      const index = filters[k];
      const filter = index === undefined ? null : { index, description: descriptions[index]!, layer: PLANTED_LAYER };
      return { name, peak: [...peakOf(map, places)], filter, amplitude: signals.SHARED_AMPLITUDE };
    }),
  };
}

/** What a noise level means: tSNR of a voxel, and how much of the variance of a network's voxels its filter explains. */
function describeNoise(noise: number, networks: readonly Network[]): string {
  const inside = networks.flatMap(({ map }) => [...map.filter((value) => value > 0.5)]);
  const share = inside.reduce((sum, value) => sum + shareOfFilter(value, noise), 0) / inside.length;
  const tsnr = noise > 0 ? `tSNR ${Math.round(BASELINE / (NOISE_UNITS * noise))} outside networks` : 'no noise';
  const percent = (100 * share).toFixed(share < 0.01 ? 2 : 1);
  return `${tsnr}; inside a network its filter explains on average ${percent} % of a voxel's variance`;
}

/** Share of a voxel's variance that is the filter's. @param map value of the network's map there */
function shareOfFilter(map: number, noise: number): number {
  const shared = (signals.SHARED_AMPLITUDE * map) ** 2;
  return shared / (noise ** 2 + shared * (1 + signals.OWN_AMPLITUDE ** 2));
}

async function writePlanted(folder: string, planted: Planted, networks: readonly Network[], mask: Mask): Promise<string> {
  await writeNifti(join(folder, planted.maps), {
    grid: mask.grid,
    volumes: networks.map(({ map }) => unmask(map, mask)),
    count: networks.length,
    dataType: 'float32',
    description: 'phantom: planted maps',
    spaceCode: MNI_SPACE,
  });
  const plantedFile = join(folder, 'planted.json');
  await writeContentAtomically(plantedFile, `${JSON.stringify(planted, null, 2)}\n`);
  return plantedFile;
}
