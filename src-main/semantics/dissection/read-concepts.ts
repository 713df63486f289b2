import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { ConceptImages } from './concepts';
import { openBroden } from './read-broden';
import { openMasks } from './read-masks';

/**
 * Opens images with labelled pixels: a folder in the format of Broden (index.csv, label.csv, images/), or one of pictures and masks
 * (images/NAME.jpg, masks/CONCEPT/NAME.png, white where the concept is).
 * @throws UserError where it is neither
 */
export async function openConceptImages(folder: string): Promise<ConceptImages> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError({
      code: 'file-missing',
      what: 'there is no such folder',
      file: folder,
      remedy: 'name a folder of images with labels',
    });
  if (existsSync(join(folder, 'index.csv'))) return openBroden(folder);
  if (existsSync(join(folder, 'masks'))) return openMasks(folder);
  throw new UserError({
    code: 'file-kind',
    what: 'the folder has no labelled images',
    file: folder,
    expected: 'index.csv and label.csv (the format of Broden), or the folders images and masks',
    found: 'neither',
    remedy: 'name the folder in which they lie',
  });
}
