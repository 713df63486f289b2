import { join } from 'node:path';
import { correctPairs } from '../../src-main/coupling/corrected';
import { correlateExactly } from '../../src-main/coupling/correlate';
import type { EngineProduct } from '../../src-main/coupling/product';
import type { SeriesMatrix } from '../../src-main/coupling/series';
import { circularShifts } from '../../src-main/coupling/surrogates';
import { createBrainMask, placesOf } from '../../src-main/phantom/brain';
import { buildPhantomCnn } from '../../src-main/phantom/cnn';
import { createScenes, writeMovie } from '../../src-main/phantom/movie';
import { movieActivations } from '../../src-main/phantom/movie-activations';
import { createNetworks, type Network } from '../../src-main/phantom/networks';
import { RunNoise } from '../../src-main/phantom/noise';
import { choosePlantedFilters } from '../../src-main/phantom/planted-filters';
import { Random } from '../../src-main/phantom/random';
import { createSubject, createSubjectSeries, smoothSeries, zScored } from '../../src-main/phantom/signals';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import { quietContext } from '../../src-preload/shared/domain/work';

/**
 * The phantom's movies, filters, networks, subjects and noise, with FBNs that show one network each: the mean over a network's
 * voxels, weighted by its planted map where that is above one half. Every network is scanned twice, following its filter and following nothing.
 */
export const POWER = { networks: 10, subjects: 4, runs: 2, repetitions: 4, time: 240, noises: [0.5, 1, 2, 4, 8] } as const;

/** Pairs of one level of noise that paper mode calls significant, and how many of them corrected mode keeps. */
export interface PowerLevel {
  noise: number;
  /** Networks that follow a filter, and that one is their best. */
  true: { scanned: number; paper: number; corrected: number };
  /** Networks that follow nothing: any pair of theirs is false. */
  false: { scanned: number; paper: number; corrected: number };
  /** Networks that follow a filter, but another is their best: neither here nor there. */
  other: { paper: number; corrected: number };
}

export async function measurePower(
  folder: string,
  engine: EngineProduct,
  progress: (text: string) => void,
): Promise<PowerLevel[]> {
  const levels = POWER.noises.map((noise): PowerLevel => {
    const none = { scanned: 0, paper: 0, corrected: 0 };
    return { noise, true: { ...none }, false: { ...none }, other: { ...none } };
  });
  const places = placesOf(createBrainMask());
  for (let seed = 0; seed < POWER.repetitions; seed++) {
    const activations = await watchMovies(folder, seed);
    const filters = choosePlantedFilters(activations, POWER.networks);
    const networks = createNetworks(new Random(seed, 'networks'), places, POWER.networks);
    for (const [run, seen] of activations.entries()) {
      const { signal, noise } = scanNetworks(seed, run, networks, places, seen, filters);
      for (const level of levels) {
        const data = signal.data.map((value, i) => value + level.noise * noise.data[i]!);
        await count(level, { ...signal, data }, seen, filters, engine);
      }
      progress(`seed ${seed}, run ${run + 1}`);
    }
  }
  return levels;
}

async function watchMovies(folder: string, seed: number): Promise<Matrix[]> {
  const session = await onnxruntimeEngine.createSession(buildPhantomCnn(), { threads: 1 });
  const activations: Matrix[] = [];
  for (let run = 1; run <= POWER.runs; run++) {
    const video = join(folder, `power-${seed}-${run}.mp4`);
    await writeMovie(video, createScenes(new Random(seed, `movie ${run}`), POWER.time), POWER.time, quietContext());
    activations.push(await movieActivations(session, video, POWER.time, 1, quietContext()));
  }
  await session.release();
  return activations;
}

/** @returns both [2 × networks, time], the noise of level 1: those that follow their filter, then the same that follow nothing */
function scanNetworks(
  seed: number,
  run: number,
  networks: readonly Network[],
  places: Float32Array,
  seen: Matrix,
  filters: readonly number[],
): { signal: Matrix; noise: Matrix } {
  const { time, subjects } = POWER;
  const random = new Random(seed, `power ${run}`);
  const shared = [
    ...filters.map((filter) => zScored(matrixRow(seen, filter))),
    ...networks.map(() => smoothSeries(random, time)),
  ];
  const [signal, noise] = [createMatrix(shared.length, time), createMatrix(shared.length, time)];
  for (let subject = 0; subject < subjects; subject++) {
    const own = createSubject(new Random(seed, `subject ${subject + 1}`), networks, places);
    const series = createSubjectSeries(random, shared);
    networks.forEach(({ map }, k) => {
      const voxels = Int32Array.from(map.keys().filter((n) => map[n]! > 0.5));
      const here = Float32Array.from([...voxels].flatMap((n) => [...places.subarray(3 * n, 3 * n + 3)]));
      const strength = new Map([...own[k]!.voxels].map((voxel, i) => [voxel, own[k]!.values[i]!]));
      const weights = [...voxels].map((n) => map[n]!);
      const gain = weights.reduce((sum, weight, i) => sum + weight * (strength.get(voxels[i]!) ?? 0), 0);
      for (const row of [k, networks.length + k]) {
        const scanner = new RunNoise(random, here, time);
        const volume = new Float32Array(voxels.length);
        for (let t = 0; t < time; t++) {
          scanner.next(volume);
          const noisy = volume.reduce((sum, value, i) => sum + weights[i]! * value, 0);
          signal.data[row * time + t]! += gain * series[row]![t]!;
          noise.data[row * time + t]! += noisy;
        }
      }
    });
  }
  return { signal, noise };
}

async function count(
  level: PowerLevel,
  x: SeriesMatrix,
  y: SeriesMatrix,
  filters: readonly number[],
  { maxima }: EngineProduct,
): Promise<void> {
  const r = await correlateExactly(x, y);
  const [corrected] = await correctPairs(
    { x, y, r, directions: ['fbn-to-filter'], surrogates: circularShifts(x.columns) },
    { maxima },
  );
  for (const { fbn, filter, p, pNull } of corrected!.pairs) {
    const group: { scanned?: number; paper: number; corrected: number } =
      fbn >= filters.length ? level.false : filters[fbn] === filter ? level.true : level.other;
    if (group.scanned !== undefined) group.scanned++;
    if (p <= 0.05) group.paper++;
    if (p <= 0.05 && pNull <= 0.05) group.corrected++;
  }
}
