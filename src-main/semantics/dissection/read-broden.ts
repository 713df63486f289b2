import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { hashFile, hashBytes } from '../../files/hash';
import { readColumnNames, readTableRows } from '../table-rows';
import type { Concept, ConceptImages, ImageConcepts } from './concepts';

/** Columns of index.csv that are no category. */
const OTHER_COLUMNS = new Set(['image', 'split', 'ih', 'iw', 'sh', 'sw']);

/** A row of index.csv. */
interface IndexRow {
  image: string;
  height: number;
  width: number;
  /** What each category's cell says: numbers of labels, or files of segmentations, with semicolons between. */
  cells: string[];
}

/**
 * Opens a folder in the format of Broden: index.csv (image, split, ih, iw, sh, sw, and of every category segmentation files or label
 * numbers), label.csv (number, name, category), images/. A pixel of a segmentation is red + 256 · green, the number of its label.
 * @see Bau et al. 2017; github.com/CSAILVision/NetDissect
 */
export async function openBroden(folder: string): Promise<ConceptImages> {
  const indexFile = join(folder, 'index.csv');
  const labelFile = join(folder, 'label.csv');
  const categories = (await readColumnNames(indexFile)).filter((name) => !OTHER_COLUMNS.has(name));
  if (categories.length === 0)
    throw new UserError({
      code: 'file-content',
      what: 'the index has no categories',
      file: indexFile,
      expected: 'columns such as object, part, scene',
    });
  const rows = await readIndex(indexFile, categories);
  const { concepts, byNumber } = await readConcepts(labelFile, categories);
  return {
    ...{ folder, concepts, categories },
    images: rows.map(({ image }) => join(folder, 'images', image)),
    fingerprint: hashBytes(`${await hashFile(indexFile)} ${await hashFile(labelFile)}`),
    labels: (image) => readImageConcepts(folder, rows[image]!, byNumber),
  };
}

async function readIndex(path: string, categories: readonly string[]): Promise<IndexRow[]> {
  const rows: IndexRow[] = [];
  await readTableRows(path, { required: ['image', 'sh', 'sw', ...categories] }, (row) => {
    const cells = row as unknown as Record<string, string>;
    const [height, width] = [Number(cells.sh), Number(cells.sw)];
    if (!(Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0)) {
      const found = `${cells.sh} × ${cells.sw} in line ${row.line}`;
      throw new UserError({ code: 'file-content', what: 'the size of a segmentation is no number', file: path, found });
    }
    rows.push({ image: cells.image!, height, width, cells: categories.map((category) => cells[category]!.trim()) });
  });
  if (rows.length === 0) throw new UserError({ code: 'file-content', what: 'the index has no images', file: path });
  return rows;
}

/** Labels by number. One that is used in several categories belongs to the first ("texture(1);object(2)" is a list). */
async function readConcepts(path: string, categories: readonly string[]) {
  const concepts: Concept[] = [];
  const byNumber = new Map<number, number>();
  await readTableRows(path, { required: ['number', 'name', 'category'] }, ({ number, name, category, line }) => {
    const own = category.split(';')[0]!.replace(/\(.*$/, '').trim();
    const place = categories.indexOf(own);
    if (place < 0 || !Number.isInteger(Number(number))) {
      throw new UserError({
        code: 'file-content',
        what: 'a label cannot be placed',
        file: path,
        expected: `a number, and one of ${categories.join(', ')}`,
        found: `${number}, ${category} in line ${line}`,
      });
    }
    byNumber.set(Number(number), concepts.length);
    concepts.push({ name, category: place });
  });
  return { concepts, byNumber };
}

async function readImageConcepts(folder: string, row: IndexRow, byNumber: ReadonlyMap<number, number>): Promise<ImageConcepts> {
  const { width, height, cells } = row;
  const whole: number[] = [];
  const planes: Uint16Array[] = [];
  const categories: number[] = [];
  for (const [category, cell] of cells.entries()) {
    if (cell === '') continue;
    categories.push(category);
    for (const part of cell.split(';')) {
      if (!/^\d+$/.test(part)) planes.push(await readSegmentation(join(folder, 'images', part), row, byNumber));
      else whole.push(conceptOf(Number(part), byNumber, join(folder, 'index.csv')));
    }
  }
  return { width, height, whole, planes, categories };
}

async function readSegmentation(
  file: string,
  { width, height }: IndexRow,
  byNumber: ReadonlyMap<number, number>,
): Promise<Uint16Array> {
  const { data, info } = await sharp(file)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((caught: unknown) => {
      throw unreadable(file, caught);
    });
  if (info.width !== width || info.height !== height) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'a segmentation is of another size than the index says',
      file,
      expected: `${width} × ${height}`,
      found: `${info.width} × ${info.height}`,
    });
  }
  const plane = new Uint16Array(width * height);
  for (let i = 0; i < plane.length; i++) {
    const at = i * info.channels;
    const number = data[at]! + (info.channels >= 3 ? 256 * data[at + 1]! : 0);
    if (number > 0) plane[i] = conceptOf(number, byNumber, file) + 1;
  }
  return plane;
}

function conceptOf(number: number, byNumber: ReadonlyMap<number, number>, file: string): number {
  const concept = byNumber.get(number);
  if (concept !== undefined) return concept;
  throw new UserError({ code: 'file-content', what: 'a label is not in label.csv', file, found: `number ${number}` });
}

/** A picture that cannot be read, as the user is told. */
export function unreadable(file: string, caught: unknown): UserError {
  const found = caught instanceof Error ? caught.message.split('\n')[0]! : String(caught);
  return new UserError(
    { code: 'file-content', what: 'a picture cannot be read', file, found, remedy: 'copy it again, or take it out' },
    { cause: caught },
  );
}
