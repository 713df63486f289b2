import { z } from 'zod';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { openSafetensors, writeSafetensors } from '../../files/safetensors';

/*
 * The pictures that activate each filter of a layer most, a safetensors file. Tensors: `offsets` uint32 [filters × count + 1] into
 * `bytes` uint8 (JPEG after JPEG; an empty stretch where there are fewer pictures), `activation` float32 [filters × count] and
 * `picture` uint32 [filters × count], places in the list of `names`. Metadata: `format`, `filters`, `count`, `names` in JSON.
 */
const FORMAT = 'syncact-filter-pictures-1';

/** One of the pictures of a filter. */
export interface FilterPicture {
  /** Name of its file. */
  name: string;
  activation: number;
}

/** What is written: pictures of one filter after another. */
export interface FilterPictures {
  filters: number;
  /** Places for pictures of each filter. */
  count: number;
  names: readonly string[];
  /** [filters × count]: JPEG, and null where there are fewer. */
  jpegs: readonly (Uint8Array | null)[];
  activation: Float32Array;
  picture: Uint32Array;
}

export async function writeFilterPictures(path: string, pictures: FilterPictures): Promise<void> {
  const { filters, count, names, jpegs, activation, picture } = pictures;
  const offsets = new Uint32Array(filters * count + 1);
  for (const [i, jpeg] of jpegs.entries()) offsets[i + 1] = offsets[i]! + (jpeg?.byteLength ?? 0);
  const bytes = new Uint8Array(offsets.at(-1)!);
  for (const [i, jpeg] of jpegs.entries()) if (jpeg) bytes.set(jpeg, offsets[i]);
  const length = filters * count;
  await writeSafetensors(
    path,
    [
      { name: 'activation', dtype: 'F32', shape: [length], data: activation },
      { name: 'picture', dtype: 'U32', shape: [length], data: picture },
      { name: 'offsets', dtype: 'U32', shape: [length + 1], data: offsets },
      { name: 'bytes', dtype: 'U8', shape: [bytes.length], data: bytes },
    ],
    { format: FORMAT, filters: String(filters), count: String(count), names: JSON.stringify(names) },
  );
}

/** An open file of pictures; close it when done. */
export interface FilterPictureFile {
  filters: number;
  /** The pictures of a filter, most activating first. */
  list(filter: number): FilterPicture[];
  /** JPEG. */
  read(filter: number, rank: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openFilterPictures(path: string): Promise<FilterPictureFile> {
  const file = await openSafetensors(path);
  try {
    if (file.metadata.get('format') !== FORMAT)
      throw new UserError({
        code: 'file-kind',
        what: 'this is no file of pictures',
        file: path,
        expected: FORMAT,
        remedy: 'make them again',
      });
    const number = z.coerce.number().int().nonnegative();
    const filters = number.parse(file.metadata.get('filters'));
    const count = number.parse(file.metadata.get('count'));
    const names = z.array(z.string()).parse(JSON.parse(file.metadata.get('names') ?? '[]'));
    const activation = await file.readFloat32('activation', [filters * count]);
    const picture = await file.readUint32('picture', [filters * count]);
    const offsets = await file.readUint32('offsets', [filters * count + 1]);
    const hasPicture = (i: number) => offsets[i + 1]! > offsets[i]!;
    return {
      filters,
      list: (filter) =>
        Array.from({ length: count }, (_, rank) => filter * count + rank)
          .filter(hasPicture)
          .map((i) => ({ name: names[picture[i]!] ?? '', activation: activation[i]! })),
      read(filter, rank) {
        const i = filter * count + rank;
        if (!(filter < filters && rank < count && hasPicture(i)))
          throw new UserError({ code: 'not-found', what: `filter ${filter} has no picture ${rank + 1}` });
        return file.readUint8Range('bytes', offsets[i]!, offsets[i + 1]! - offsets[i]!);
      },
      close: () => file.close(),
    };
  } catch (caught) {
    await file.close();
    throw caught;
  }
}
