import sharp from 'sharp';
import type { FigureSpec, FigureTask, PairFigureSource } from '../../../src-preload/shared/contract/figures';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { readMap } from '../../embedding/checkpoint';
import { averageBackground } from '../../figures/brain/background';
import { BrainPainter, type Brain } from '../../figures/brain/draw-brain';
import { toPdf } from '../../figures/drawing/pdf';
import { toPng } from '../../figures/drawing/png';
import type { Raster, Scene } from '../../figures/drawing/scene';
import { toSvg } from '../../figures/drawing/svg';
import { drawAtlas } from '../../figures/kinds/atlas';
import { drawMatrix } from '../../figures/kinds/matrix';
import { drawPairs, type PairRow } from '../../figures/kinds/pairs';
import { drawRegression } from '../../figures/kinds/regression';
import { openFramesFile } from '../../files/frames-file';
import { readMask } from '../../fmri/mask';
import { readSingleVolume } from '../../fmri/nifti/read';
import { ActivationCache } from '../../project/activation-cache';
import { openFilterPictures } from '../../semantics/dissection/picture-file';
import type { TaskContext, TaskHandler } from '../process';
import { averageFbnActivations } from './couple';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';

/** Draws a figure and gives its file's bytes. */
export const figureTask: TaskHandler<'figure'> = async (input, context) => {
  const scene = await draw(input, context);
  const provenance = JSON.stringify(input.provenance);
  const bytes =
    input.format === 'svg'
      ? Buffer.from(await toSvg(scene, provenance))
      : input.format === 'pdf'
        ? await toPdf(scene, provenance)
        : await toPng(scene, provenance, input.spec.dpi);
  return { bytes: new Uint8Array(bytes), widthPoints: scene.width, heightPoints: scene.height };
};

type Kind<Name extends FigureSpec['kind']> = Extract<FigureSpec, { kind: Name }>;

async function draw(input: FigureTask, context: TaskContext): Promise<Scene> {
  const { spec, title } = input;
  const { widthMm, fontSize } = spec;
  const style = { widthMm, fontSize, title };
  switch (spec.kind) {
    case 'pairs': {
      const painter = await createPainter(input, spec);
      const { rowHeightMm, threshold, palette, letters } = spec;
      return drawPairs(await readPairRows(input, spec, context), painter, {
        ...{ ...style, rowHeightMm, threshold, palette, letters },
      });
    }
    case 'atlas': {
      const painter = await createPainter(input, spec);
      const maps = [];
      for (const { fbn, note } of input.fbns!) maps.push({ fbn, note, map: await readMap(input.brain!.checkpoint, fbn) });
      const { threshold, palette, columns, cuts } = spec;
      return drawAtlas(maps, painter, { ...style, threshold, palette, columns, cuts });
    }
    case 'matrix':
      return drawMatrix(input.matrix!.rows, input.matrix!.movieRuns, { ...style, measure: 'mean r' });
    case 'regression':
      return drawRegression(input.regression!, { ...style, columns: spec.columns, yLabel: 'mean r' });
  }
}

async function createPainter({ brain }: FigureTask, spec: Kind<'pairs'> | Kind<'atlas'>): Promise<BrainPainter> {
  const mask = await readMask(brain!.mask);
  const { background } = brain!;
  const drawn: Brain = {
    ...{ voxels: mask.voxels, grid: mask.grid },
    background:
      'template' in background ? await readTemplate(background.template) : await averageBackground(background.means, mask),
  };
  const { dpi, palette, radiological, glass } = spec;
  return new BrainPainter(drawn, { dpi, palette, radiological, glass });
}

/** A template's brightness in [0, 1] up to its 98th percentile; nothing where it is 0 or less. */
async function readTemplate(path: string): Promise<Brain['background']> {
  const { header, values } = await readSingleVolume(path);
  const inside = Float32Array.from(values)
    .filter((value) => value > 0)
    .sort();
  const bright = inside[Math.floor(0.98 * (inside.length - 1))] || 1;
  return { grid: header.grid, values: Float32Array.from(values, (value) => (value > 0 ? Math.min(1, value / bright) : NaN)) };
}

async function readPairRows(
  { pairs = [], activations, brain }: FigureTask,
  spec: Kind<'pairs'>,
  context: TaskContext,
): Promise<PairRow[]> {
  const cache = ActivationCache.openReadOnly(activations);
  try {
    const rows: PairRow[] = [];
    for (const [i, source] of pairs.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'reading pairs', done: i, total: pairs.length, unit: 'pairs' });
      rows.push(await readPairRow(cache, source, brain!.checkpoint, spec));
    }
    return rows;
  } finally {
    cache.close();
  }
}

async function readPairRow(
  cache: ActivationCache,
  source: PairFigureSource,
  checkpoint: string,
  { frames, frameCount, imageCount }: Kind<'pairs'>,
): Promise<PairRow> {
  const { fbn, filter, model, layer, movieRun, trSeconds, r, significance, terms, label, timePoints } = source;
  const network = matrixRow(cache.readFilterActivation(source.filterActivation)!, filter).slice(0, timePoints);
  return {
    ...{ fbn, filter, model, layer, movieRun, trSeconds, r, significance, terms, label, network },
    map: await readMap(checkpoint, fbn),
    brain: matrixRow(averageFbnActivations(cache, source), fbn).slice(),
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
