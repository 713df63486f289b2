import sharp from 'sharp';
import { frameBytes } from '../../../src-preload/shared/domain/frames';
import { unreadable } from './read-broden';
import type { Size } from './upsample';

/** A few pictures at one size. */
export interface PictureBatch {
  /** Places in the list of pictures. */
  pictures: readonly number[];
  /** RGB uint8 [pictures, y, x, 3]. */
  pixels: Uint8Array;
}

/** Pictures in order, a batch at a time; the next one is decoded while the last one is worked on. */
export async function* readPictures(
  files: readonly string[],
  pictures: readonly number[],
  size: Size,
  batchSize: number,
): AsyncGenerator<PictureBatch> {
  const load = (start: number) => {
    const wanted = pictures.slice(start, start + batchSize);
    return wanted.length === 0 ? null : readBatch(files, wanted, size);
  };
  let next = load(0);
  for (let start = 0; next; start += batchSize) {
    const batch = await next;
    next = load(start + batchSize);
    // Should the work on this batch fail, nobody waits for the next one.
    next?.catch(() => undefined);
    yield batch;
  }
}

async function readBatch(files: readonly string[], pictures: readonly number[], size: Size): Promise<PictureBatch> {
  const bytes = frameBytes(size);
  const pixels = new Uint8Array(pictures.length * bytes);
  await Promise.all(pictures.map(async (picture, i) => pixels.set(await readPicture(files[picture]!, size), i * bytes)));
  return { pictures, pixels };
}

/** A picture stretched to a size, without transparency. */
export async function readPicture(file: string, { width, height }: Size): Promise<Uint8Array> {
  return sharp(file, { failOn: 'error' })
    .rotate()
    .resize(width, height, { fit: 'fill' })
    .flatten({ background: '#808080' })
    .toColourspace('srgb')
    .raw()
    .toBuffer()
    .catch((caught: unknown) => {
      throw unreadable(file, caught);
    });
}
