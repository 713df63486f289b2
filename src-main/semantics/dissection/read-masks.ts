import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { hashBytes } from '../../files/hash';
import { listImages } from '../../stimulus/image-folder';
import type { ConceptImages, ImageConcepts } from './concepts';
import { unreadable } from './read-broden';

/** Side of the segmentations of pictures with masks, in pixels; Broden's are 112 × 112. */
const SIDE = 112;

/**
 * Opens pictures with masks: images/NAME.jpg, masks/CONCEPT/NAME.png (bright where the concept is). A picture without a mask of a
 * concept is one without the concept. All concepts are of one category.
 */
export async function openMasks(folder: string): Promise<ConceptImages> {
  const images = await listImages(join(folder, 'images'));
  const names = readdirSync(join(folder, 'masks'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) {
    throw new UserError({
      code: 'file-content',
      what: 'there are no concepts',
      file: join(folder, 'masks'),
      expected: 'a folder of masks for every concept',
    });
  }
  const masks = names.map((name) => masksOf(join(folder, 'masks', name)));
  const known = new Set(images.map(stemOf));
  for (const [concept, of] of masks.entries()) {
    const lone = [...of.keys()].find((stem) => !known.has(stem));
    if (lone === undefined) continue;
    throw new UserError({
      code: 'does-not-fit',
      what: 'a mask belongs to no picture',
      file: of.get(lone)!,
      expected: `a picture named ${lone} in ${join(folder, 'images')}`,
      found: `a mask of ${names[concept]}`,
    });
  }
  const files = [...images, ...masks.flatMap((of) => [...of.values()])];
  return {
    ...{ folder, images, categories: ['concept'], concepts: names.map((name) => ({ name, category: 0 })) },
    fingerprint: hashBytes(files.map((file) => `${file.slice(folder.length)} ${statSync(file).size}`).join('\n')),
    labels: (image) => readImageMasks(stemOf(images[image]!), masks),
  };
}

function stemOf(file: string): string {
  return basename(file, extname(file));
}

/** Masks by the name of their picture. */
function masksOf(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => /\.(png|jpe?g|bmp|webp)$/i.test(name));
  return new Map(names.sort().map((name) => [stemOf(name), join(folder, name)]));
}

async function readImageMasks(stem: string, masks: readonly ReadonlyMap<string, string>[]): Promise<ImageConcepts> {
  const planes: Uint16Array[] = [];
  for (const [concept, of] of masks.entries()) {
    const file = of.get(stem);
    if (file === undefined) continue;
    const grey = await sharp(file)
      .resize(SIDE, SIDE, { fit: 'fill', kernel: 'nearest' })
      .greyscale()
      .raw()
      .toBuffer()
      .catch((caught: unknown) => {
        throw unreadable(file, caught);
      });
    planes.push(Uint16Array.from({ length: SIDE * SIDE }, (_, pixel) => (grey[pixel]! > 127 ? concept + 1 : 0)));
  }
  return { width: SIDE, height: SIDE, whole: [], planes, categories: [0] };
}
