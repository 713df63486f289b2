import sharp from 'sharp';
import type { FigureSpec, FigureTask, PairFigureSource } from '../../../src-preload/shared/contract/figures';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { readMaps } from '../../embedding/checkpoint';
import type { Raster } from '../../figures/drawing/scene';
import type { PairRow } from '../../figures/kinds/pairs';
import { openFramesFile } from '../../files/frames-file';
import { ActivationCache } from '../../project/activation-cache';
import { openFilterPictures } from '../../semantics/dissection/picture-file';
import type { TaskContext } from '../process';
import { averageFbnActivations } from '../tasks/couple';

type PairsSpec = Extract<FigureSpec, { kind: 'pairs' }>;

/** The rows of a figure of pairs. What several rows share is read once: maps' file, and the mean over subjects of a movie run. */
export async function readPairRows(
  { pairs = [], activations, brain }: FigureTask,
  spec: PairsSpec,
  context: TaskContext,
): Promise<PairRow[]> {
  const maps = await readMaps(
    brain!.checkpoint,
    pairs.map(({ fbn }) => fbn),
  );
  const cache = ActivationCache.openReadOnly(activations);
  try {
    const fbnActivation = fbnActivations(cache, pairs);
    const rows: PairRow[] = [];
    for (const [i, source] of pairs.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'reading pairs', done: i, total: pairs.length, unit: 'pairs' });
      rows.push({ ...(await readFilterSide(cache, source, spec)), map: maps[i]!, brain: fbnActivation(source) });
    }
    return rows;
  } finally {
    cache.close();
  }
}

/** Activations [time] of the FBNs of pairs; the subjects of a movie run are read once, and of them only these FBNs are averaged. */
function fbnActivations(cache: ActivationCache, pairs: readonly PairFigureSource[]): (source: PairFigureSource) => Float32Array {
  const place = ({ embeddingKey, timePoints, runs }: PairFigureSource) => [embeddingKey, timePoints, ...runs].join(' ');
  const averages = new Map(
    [...Map.groupBy(pairs, place)].map(([of, [first, ...others]]) => {
      const fbns = [...new Set([first!, ...others].map(({ fbn }) => fbn))];
      return [of, { fbns, average: averageFbnActivations(cache, first!, fbns) }];
    }),
  );
  return (source) => {
    const { fbns, average } = averages.get(place(source))!;
    return matrixRow(average, fbns.indexOf(source.fbn));
  };
}

async function readFilterSide(
  cache: ActivationCache,
  source: PairFigureSource,
  { frames, frameCount, imageCount }: PairsSpec,
): Promise<Omit<PairRow, 'map' | 'brain'>> {
  const { fbn, filter, model, layer, movieRun, trSeconds, r, significance, terms, label, timePoints } = source;
  const network = cache.readFilterSeries(source.filterActivation, filter)!.slice(0, timePoints);
  return {
    ...{ fbn, filter, model, layer, movieRun, trSeconds, r, significance, terms, label, network },
    frames: frames === 'drop' ? [] : await readFrames(cache, source, frameCount, frames === 'blur'),
    images: source.images === null ? [] : await readImages(source.images, filter, imageCount),
  };
}

async function readFrames(
  cache: ActivationCache,
  source: PairFigureSource,
  count: number,
  blur: boolean,
): Promise<PairRow['frames']> {
  const top = cache.readTopFrames(source.filterActivation);
  if (!top) return [];
  const places = top.indices.subarray(source.filter * top.framesPerFilter, (source.filter + 1) * top.framesPerFilter);
  const file = await openFramesFile(source.frames);
  try {
    const { width, height } = file;
    const shown: PairRow['frames'] = [];
    for (const place of [...places].filter((one) => one >= 0).slice(0, count)) {
      const rgb = await file.read(place, 1);
      const image = sharp(rgb, { raw: { width, height, channels: 3 } }).ensureAlpha();
      // A tenth of the height: shapes and colours stay, faces and writing do not.
      const rgba = await (blur ? image.blur(height / 20) : image).raw().toBuffer();
      shown.push({ raster: { width, height, rgba: new Uint8Array(rgba) } satisfies Raster, seconds: place * source.trSeconds });
    }
    return shown;
  } finally {
    await file.close();
  }
}

/** The pictures that activate a filter most, most activating first. */
async function readImages(path: string, filter: number, count: number): Promise<Raster[]> {
  const file = await openFilterPictures(path);
  try {
    const images: Raster[] = [];
    for (const rank of file.list(filter).slice(0, count).keys()) {
      const { data, info } = await sharp(await file.read(filter, rank))
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      images.push({ width: info.width, height: info.height, rgba: new Uint8Array(data) });
    }
    return images;
  } finally {
    await file.close();
  }
}
