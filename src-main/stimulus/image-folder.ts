import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp, { type Sharp } from 'sharp';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { hashFile } from '../files/hash';
import { startFfmpeg } from './ffmpeg';

const IMAGE_ENDINGS = new Set(['.png', '.jpg', '.jpeg', '.bmp', '.webp']);
/** Files read or decoded at a time. */
const CONCURRENCY = 4;

/** The images of a folder in natural order ("frame2" before "frame10"), as full paths; other files are passed over. */
export async function listImages(folder: string): Promise<string[]> {
  const information = await stat(folder);
  if (!information.isDirectory()) {
    throw new UserError({
      code: 'file-kind',
      what: 'this is not a folder of frames',
      file: folder,
      remedy: 'pass a video with --video',
    });
  }
  const names = await readdir(folder);
  const images = names.filter((name) => !name.startsWith('.') && IMAGE_ENDINGS.has(extname(name).toLowerCase()));
  if (images.length === 0) {
    throw new UserError({
      code: 'file-kind',
      what: 'the folder holds no frames',
      file: folder,
      expected: 'images ending in .png, .jpg, .bmp or .webp',
      found: names.length === 0 ? 'an empty folder' : `${names.length} other files`,
    });
  }
  const order = new Intl.Collator('en', { numeric: true });
  return images.toSorted((a, b) => order.compare(a, b) || (a < b ? -1 : 1)).map((name) => join(folder, name));
}

/**
 * The images of a folder in the order of the last number in their names, which must run without gap or repetition.
 * @throws UserError naming the numbers that are missing, repeated, or absent
 */
export async function listNumberedImages(folder: string): Promise<string[]> {
  const paths = await listImages(folder);
  const byNumber = new Map<number, string[]>();
  for (const path of paths) {
    const name = path.slice(folder.length).replace(/^[/\\]+/, '');
    const digits = /(\d+)\D*$/.exec(name.slice(0, -extname(name).length))?.[1];
    if (digits === undefined) throw numbering(folder, `no number in the name "${name}"`);
    byNumber.set(Number(digits), [...(byNumber.get(Number(digits)) ?? []), name]);
  }
  const repeated = [...byNumber.entries()].filter(([, names]) => names.length > 1);
  if (repeated.length > 0) {
    throw numbering(folder, `the same number more than once: ${enumerate(repeated.map(([, names]) => names.join(' and ')))}`);
  }
  const numbers = [...byNumber.keys()].toSorted((a, b) => a - b);
  const gaps: string[] = [];
  numbers.slice(1).forEach((number, i) => {
    const before = numbers[i]!;
    if (number - before === 2) gaps.push(String(before + 1));
    else if (number - before > 2) gaps.push(`${before + 1} to ${number - 1}`);
  });
  if (gaps.length > 0) throw numbering(folder, `missing numbers: ${enumerate(gaps)}`);
  return numbers.map((number) => join(folder, byNumber.get(number)![0]!));
}

function numbering(folder: string, found: string): UserError {
  return new UserError({
    code: 'file-content',
    what: 'the frames are not numbered without gaps',
    file: folder,
    expected: 'one image for each number',
    found,
    remedy: 'add or rename the images',
  });
}

function enumerate(items: readonly string[]): string {
  return items.length <= 5 ? items.join(', ') : `${items.slice(0, 5).join(', ')} and ${items.length - 5} more`;
}

/** What the images of a movie run have in common. */
export interface ImageSeries {
  /** Pixels across and down, the same for all. */
  width: number;
  height: number;
  /** SHA-256 over all contents in order. */
  hash: string;
}

/**
 * Reads every image's header and content hash.
 * @throws UserError naming the first image that is damaged or of another size
 */
export async function inspectImages(paths: readonly string[], signal: AbortSignal): Promise<ImageSeries> {
  const hash = createHash('sha256');
  let size: { width: number; height: number } | undefined;
  for (let start = 0; start < paths.length; start += CONCURRENCY) {
    throwIfCancelled(signal);
    const batch = paths.slice(start, start + CONCURRENCY);
    const inspected = await Promise.all(
      batch.map(async (path) => ({ path, size: await imageSize(path), hash: await hashFile(path) })),
    );
    for (const image of inspected) {
      hash.update(image.hash);
      size ??= image.size;
      if (image.size.width !== size.width || image.size.height !== size.height) {
        throw new UserError({
          code: 'does-not-fit',
          what: 'the frames differ in size',
          file: image.path,
          expected: `${size.width}×${size.height} like the first`,
          found: `${image.size.width}×${image.size.height}`,
        });
      }
    }
  }
  return { ...size!, hash: hash.digest('hex') };
}

/** Pixels across and down. */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  const { width, height } = await orDamaged(
    path,
    openImage(path).then((image) => image.metadata()),
  );
  return { width, height };
}

/** Decodes an image to RGB uint8 [y, x, 3] of the given size (bicubic, stretched to it; transparency on black). */
export async function readImage(path: string, width: number, height: number): Promise<Uint8Array> {
  const pixels = await orDamaged(
    path,
    openImage(path).then((image) => decode(image, width, height)),
  );
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

function decode(image: Sharp, width: number, height: number): Promise<Buffer> {
  const colour = image.flatten().toColourspace('srgb').resize(width, height, { fit: 'fill', kernel: 'cubic' });
  return colour.removeAlpha().raw({ depth: 'uchar' }).toBuffer();
}

/** The one format of frames that sharp does not read is BMP; FFmpeg turns it into PNG. */
async function openImage(path: string): Promise<Sharp> {
  if (extname(path).toLowerCase() !== '.bmp') return sharp(path);
  let complaint = '';
  const process = startFfmpeg(['-f', 'bmp_pipe', '-i', `file:${resolve(path)}`, '-f', 'image2pipe', '-c:v', 'png', 'pipe:1'], {
    signal: new AbortController().signal,
    onLine: ({ level, text }) => {
      if (level === 'error' || level === 'fatal') complaint = text;
    },
  });
  const [png, exitCode] = await Promise.all([buffer(process.output), process.finished]);
  if (exitCode !== 0 || png.length === 0) throw new Error(complaint || `FFmpeg ended with status ${exitCode}`);
  return sharp(png);
}

/** Decodes images in order, a few ahead. */
export async function* readImages(
  paths: readonly string[],
  width: number,
  height: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < paths.length; start += CONCURRENCY) {
    throwIfCancelled(signal);
    yield* await Promise.all(paths.slice(start, start + CONCURRENCY).map((path) => readImage(path, width, height)));
  }
}

async function orDamaged<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (caught) {
    throw new UserError(
      {
        code: 'file-content',
        what: 'the image cannot be read',
        file: path,
        found: caught instanceof Error ? caught.message : String(caught),
        remedy: 'write it again as PNG or JPEG',
      },
      { cause: caught },
    );
  }
}
