import { basename } from 'node:path';
import sharp from 'sharp';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { frameBytes } from '../../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { LayerMaps } from '../../cnn/layer-maps';
import type { TopPicture } from './look';
import { readPictures } from './picture-feed';
import type { FilterPictures } from './picture-file';
import { Upsampler, type Size } from './upsample';

/** Longer side of a stored picture, in pixels. */
const SIDE = 128;
const BATCH = 8;
/** How bright the rest of a picture stays around what activates the filter. */
const REST = 0.45;

/**
 * Draws the pictures that activate each filter most: small, the rest darker than where the filter is above its threshold, with an
 * outline around it.
 * @param top of every filter, most activating first
 * @param thresholdOf value above which a filter is active in a picture of this activation
 */
export async function renderPictures(
  files: readonly string[],
  top: readonly (readonly TopPicture[])[],
  count: number,
  maps: LayerMaps,
  thresholdOf: (filter: number, activation: number) => number,
  context: WorkContext,
): Promise<FilterPictures> {
  const uses = new Map<number, [filter: number, rank: number][]>();
  for (const [filter, list] of top.entries()) {
    for (const [rank, { picture }] of list.entries()) uses.set(picture, [...(uses.get(picture) ?? []), [filter, rank]]);
  }
  const pictures = [...uses.keys()].sort((a, b) => a - b);
  const result = emptyPictures(
    top,
    count,
    pictures.map((picture) => basename(files[picture]!)),
  );
  const scale = SIDE / Math.max(maps.size.width, maps.size.height);
  const small = { width: Math.round(maps.size.width * scale), height: Math.round(maps.size.height * scale) };
  let done = 0;
  for await (const batch of readPictures(files, pictures, maps.size, BATCH)) {
    throwIfCancelled(context.signal);
    const { filters, width, height, data } = await maps.run(batch.pixels, batch.pictures.length);
    const upsampler = new Upsampler({ width, height }, small);
    const bytes = frameBytes(maps.size);
    for (const [i, picture] of batch.pictures.entries()) {
      const shrunk = await shrink(batch.pixels.subarray(i * bytes, (i + 1) * bytes), maps.size, small);
      for (const [filter, rank] of uses.get(picture)!) {
        const { activation } = top[filter]![rank]!;
        const offset = (i * filters + filter) * width * height;
        const shown = highlight(shrunk, small, upsampler, data, offset, thresholdOf(filter, activation));
        const at = filter * count + rank;
        result.jpegs[at] = await encode(shown, small);
        result.activation[at] = activation;
        result.picture[at] = pictures.indexOf(picture);
      }
    }
    done += batch.pictures.length;
    context.progress({ stage: 'drawing pictures', done, total: pictures.length, unit: 'pictures' });
  }
  return result;
}

function emptyPictures(top: readonly unknown[], count: number, names: string[]) {
  const length = top.length * count;
  return {
    ...{ filters: top.length, count, names, jpegs: new Array<Uint8Array | null>(length).fill(null) },
    ...{ activation: new Float32Array(length), picture: new Uint32Array(length) },
  };
}

function shrink(pixels: Uint8Array, from: Size, to: Size): Promise<Uint8Array> {
  const raw = { width: from.width, height: from.height, channels: 3 as const };
  return sharp(pixels, { raw }).resize(to.width, to.height).raw().toBuffer();
}

function highlight(
  pixels: Uint8Array,
  { width, height }: Size,
  upsampler: Upsampler,
  maps: Float32Array,
  offset: number,
  threshold: number,
): Uint8Array {
  const places = new Int32Array(width * height);
  const active = new Uint8Array(width * height);
  const count = upsampler.above(maps, offset, threshold, places);
  for (let n = 0; n < count; n++) active[places[n]!] = 1;
  const shown = new Uint8Array(pixels.length);
  for (let pixel = 0; pixel < active.length; pixel++) {
    const x = pixel % width;
    const isEdge =
      active[pixel] === 1 &&
      ((x > 0 && !active[pixel - 1]) ||
        (x < width - 1 && !active[pixel + 1]) ||
        (pixel >= width && !active[pixel - width]) ||
        (pixel < active.length - width && !active[pixel + width]));
    const share = active[pixel] || count === 0 ? 1 : REST;
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 3 + channel;
      shown[at] = isEdge ? OUTLINE[channel]! : pixels[at]! * share;
    }
  }
  return shown;
}

/** The network's blue, light enough for any picture. */
const OUTLINE = [120, 190, 255];

function encode(pixels: Uint8Array, { width, height }: Size): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 82 })
    .toBuffer();
}
