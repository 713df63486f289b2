import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { LayerMapBatch, LayerMaps } from '../../cnn/layer-maps';
import type { ConceptImages, ImageConcepts } from './concepts';
import { lookAtAll, saving, TopPictures } from './look';
import { renderPictures } from './render-pictures';
import type { FilterPictures } from './picture-file';
import { SavedState } from './saved-state';
import { Tally, type MeasuredLabel } from './tally';
import { MOST_VALUES, TopValues } from './top-values';

export interface DissectionRequest {
  images: ConceptImages;
  maps: LayerMaps;
  /** Share of its activations that a unit counts as active with. */
  quantile: number;
  /** Pictures kept of each filter. */
  count: number;
  state: SavedState;
}

export interface Dissection {
  /** [filters][categories] */
  labels: (MeasuredLabel | null)[][];
  thresholds: Float32Array;
  pictures: FilterPictures;
  /** Thresholds were taken from every so many-th position. */
  positionStep: number;
  picturesPerSecond: number | null;
}

/** Segmentations kept to draw another image's from, for what overlap comes by chance. */
const OTHERS = 64;

/**
 * Network Dissection of a layer: the activation that each unit exceeds at 0.5 % of all positions; then, with that as its threshold, how
 * much the unit overlaps with every concept; and the pictures that activate it most. Two looks at every picture, none of them kept.
 */
export async function dissect(request: DissectionRequest, context: WorkContext): Promise<Dissection> {
  const { images, maps, count, state } = request;
  const started = performance.now();
  const first = await findThresholds(request, context);
  const tally = await overlap(request, first, context);
  const seconds = (performance.now() - started) / 1000;
  const pictures = await renderPictures(
    images.images,
    first.top.result(),
    count,
    maps,
    (filter) => first.thresholds[filter]!,
    context,
  );
  state.remove();
  return {
    ...{ labels: tally.labels(), thresholds: first.thresholds, pictures, positionStep: first.positionStep },
    picturesPerSecond: (2 * images.images.length) / seconds,
  };
}

interface FirstLook {
  thresholds: Float32Array;
  top: TopPictures;
  shape: { filters: number; width: number; height: number };
  positionStep: number;
  /** Where a second look that was interrupted goes on. */
  resume: { next: number; arrays: Record<string, Float64Array> } | null;
}

async function findThresholds(
  { images, maps, quantile, count, state }: DissectionRequest,
  context: WorkContext,
): Promise<FirstLook> {
  const saved = await state.load();
  if (saved?.stage === 'overlap') return restoreFirstLook(saved, count);
  let values: TopValues | undefined;
  let top: TopPictures | undefined;
  let step = 1;
  let shape = { filters: 0, width: 0, height: 0 };
  let next = saved?.next ?? 0;
  const begin = ({ filters, width, height }: Omit<LayerMapBatch, 'data'>) => {
    shape = { filters, width, height };
    const total = images.images.length * width * height;
    step = Math.max(1, Math.ceil((filters * total * quantile) / MOST_VALUES));
    values = new TopValues(filters, images.images.length * Math.ceil((width * height) / step), quantile);
    top = new TopPictures(filters, count);
  };
  if (saved) {
    const [filters, width, height] = saved.arrays.shape as unknown as [number, number, number];
    begin({ filters, width, height });
    values!.restore(saved.arrays as never);
    top!.restore(saved.arrays);
  }
  const save = async () => {
    if (!values || !top) return;
    const place = Int32Array.of(shape.filters, shape.width, shape.height);
    await state.save('thresholds', next, { ...values.save(), ...top.save(), shape: place });
  };
  await saving(state, save, (afterBatch) =>
    lookAtAll(images.images, maps, next, 'finding thresholds', context, async (batch, pictures) => {
      if (!values) begin(batch);
      const cells = batch.width * batch.height;
      for (let i = 0; i < pictures.length * batch.filters; i++)
        values!.add(i % batch.filters, batch.data, i * cells, (i + 1) * cells, step);
      top!.add(batch, pictures);
      next = pictures.at(-1)! + 1;
      await afterBatch();
    }),
  );
  return { thresholds: values!.thresholds(), top: top!, shape, positionStep: step, resume: null };
}

function restoreFirstLook({ next, arrays }: { next: number; arrays: Record<string, never> }, count: number): FirstLook {
  const [filters, width, height, positionStep] = arrays.shape as unknown as [number, number, number, number];
  const top = new TopPictures(filters, count);
  top.restore(arrays);
  return {
    thresholds: arrays.thresholds!,
    top,
    shape: { filters, width, height },
    positionStep,
    resume: { next, arrays },
  };
}

async function overlap({ images, maps, state }: DissectionRequest, first: FirstLook, context: WorkContext): Promise<Tally> {
  const { shape, thresholds } = first;
  const tally = new Tally(shape.filters, images.concepts, shape, thresholds);
  if (first.resume) tally.restore(first.resume.arrays);
  let next = first.resume?.next ?? 0;
  const others = await recentLabels(images, next);
  const place = Int32Array.of(shape.filters, shape.width, shape.height, first.positionStep);
  const save = () => state.save('overlap', next, { ...tally.arrays(), ...first.top.save(), thresholds, shape: place });
  await saving(state, save, (afterBatch) =>
    lookAtAll(images.images, maps, next, 'measuring overlap', context, async (batch, pictures) => {
      const cells = batch.width * batch.height;
      const labels = await Promise.all(pictures.map((picture) => images.labels(picture)));
      for (const [i, own] of labels.entries()) {
        tally.add(batch.data, i * batch.filters * cells, own, pickOther(others, pictures[i]!));
        others.push(own);
        if (others.length > OTHERS) others.shift();
      }
      next = pictures.at(-1)! + 1;
      await afterBatch();
    }),
  );
  return tally;
}

/** The labels of the pictures before one, so that an interrupted run pairs the same ones as an uninterrupted one. */
function recentLabels(images: ConceptImages, next: number): Promise<ImageConcepts[]> {
  const first = Math.max(0, next - OTHERS);
  return Promise.all(Array.from({ length: next - first }, (_, i) => images.labels(first + i)));
}

/** One of the recent labels, by a hash of the picture's number (Knuth's multiplicative one): the same every time. */
function pickOther(others: readonly ImageConcepts[], picture: number): ImageConcepts | null {
  if (others.length === 0) return null;
  return others[(Math.imul(picture + 1, 2654435761) >>> 0) % others.length]!;
}
