import { join } from 'node:path';
import type { EngineProduct } from '../../src-main/coupling/product';
import type { SeriesMatrix } from '../../src-main/coupling/series';
import { averageOverSubjects } from '../../src-main/embedding/encode';
import { readNpz } from '../../src-main/files/npz';
import { ActivationCache } from '../../src-main/project/activation-cache';
import { openProjectReadOnly } from '../../src-main/project/project';
import { listEmbeddings } from '../../src-main/project/queries/embeddings';
import { listRuns } from '../../src-main/project/queries/runs';
import { runJson } from '../e2e/cli';
import { realdataPath } from '../realdata/realdata-folder';
import { testPairs, type PairTest } from './calibration';

/**
 * Real fMRI of people who watched a television episode, against a real CNN that saw an unrelated clip of a few seconds, looped or
 * stretched to the length of the run: every pair is chance.
 */
export const UNRELATED = { fbns: 16, epochs: 30, clips: ['bigbuckbunny.mp4', 'bikes.mp4'], layers: 'all', everyNth: 5 } as const;

export interface UnrelatedResult {
  run: string;
  clip: string;
  how: 'looped' | 'stretched';
  layer: string;
  filters: number;
  tests: PairTest[];
}

export async function testUnrelated(
  folder: string,
  engine: EngineProduct,
  progress: (text: string) => void,
): Promise<UnrelatedResult[]> {
  const brains = await embedEpisode(join(folder, 'sherlock.syncact'));
  const results: UnrelatedResult[] = [];
  for (const clip of UNRELATED.clips) {
    for (const { layer, filters } of await watchClip(folder, clip)) {
      for (const { run, fbns } of brains) {
        for (const how of ['looped', 'stretched'] as const) {
          const tests = await testPairs(fbns, toLength(filters, fbns.columns, how), engine, false);
          results.push({ run, clip, how, layer, filters: filters.rows, tests });
        }
      }
      progress(`${clip} ${layer}`);
    }
  }
  return results;
}

/** FBN activations of both runs of the episode, averaged over the test subjects. */
async function embedEpisode(project: string): Promise<{ run: string; fbns: SeriesMatrix }[]> {
  await runJson('init', project);
  await runJson('import-fmri', project, '--bids', realdataPath('sherlock-bids'));
  await runJson('train', project, '--fbns', String(UNRELATED.fbns), '--epochs', String(UNRELATED.epochs));
  const { database, activationsFile, close } = openReadOnly(project);
  const cache = ActivationCache.openReadOnly(activationsFile);
  try {
    const { key, result } = listEmbeddings(database)[0]!;
    const runs = listRuns(database).filter(({ subject }) => result!.testSubjects.includes(subject));
    return [...Map.groupBy(runs, ({ movieRun }) => movieRun)].map(([run, own]) => ({
      run,
      fbns: averageOverSubjects(own.map((one) => cache.readFbnActivation(key, one.key)!)),
    }));
  } finally {
    cache.close();
    close();
  }
}

function openReadOnly(folder: string) {
  const project = openProjectReadOnly(folder);
  return { database: project.database, activationsFile: project.activationsFile, close: () => project.close() };
}

/** Activations [filters × frames] of SqueezeNet's layers over a clip. */
async function watchClip(folder: string, clip: string): Promise<{ layer: string; filters: SeriesMatrix }[]> {
  const model = realdataPath('cnn', 'squeezenet_v1.0_imagenet.onnx');
  const output = join(folder, `${clip}.npz`);
  const asTrained = ['--normalisation', 'none', '--channel-order', 'BGR', '--mean', '103.939,116.779,123.68'];
  await runJson('activations', model, realdataPath('movie', clip), output, '--layers', UNRELATED.layers, ...asTrained);
  const chosen = [...(await readNpz(output))].filter((_, i) => i % UNRELATED.everyNth === 0);
  return chosen.map(([layer, { shape, data }]) => {
    const [frames, rows] = shape as [number, number];
    const values = Float64Array.from({ length: rows * frames }, (_, i) =>
      Number(data[(i % frames) * rows + Math.floor(i / frames)]),
    );
    return { layer, filters: { rows, columns: frames, data: values } };
  });
}

/** The frames over and over, or drawn out by linear interpolation. */
function toLength({ rows, columns, data }: SeriesMatrix, time: number, how: UnrelatedResult['how']): SeriesMatrix {
  const result = new Float64Array(rows * time);
  for (let row = 0; row < rows; row++) {
    const at = (frame: number) => data[row * columns + frame]!;
    for (let t = 0; t < time; t++) {
      const place = (t * (columns - 1)) / (time - 1);
      const below = Math.min(columns - 2, Math.floor(place));
      result[row * time + t] = how === 'looped' ? at(t % columns) : at(below) + (place - below) * (at(below + 1) - at(below));
    }
  }
  return { rows, columns: time, data: result };
}
