import { z } from 'zod';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Grid } from '../../../src-preload/shared/domain/grid';
import { openSafetensors, writeSafetensors, type SafetensorsFile, type SafetensorsTensor } from '../../files/safetensors';
import { maskOfVoxels, type Mask } from '../../fmri/mask';

/*
 * Maps of every term of a vocabulary, a safetensors file. Tensors: `association` [terms, voxels] float16 (what FBNs are compared
 * with), `uniformity` of the same form where the maps were computed from studies, `voxels` uint32 (of the grid, ascending), and by
 * term `associationThreshold`, `uniformityThreshold` float32 (|z| that passes FDR) and `studies` uint32. Metadata: `format`,
 * `grid` and `terms` in JSON.
 */
const FORMAT = 'syncact-term-maps-1';

const gridSchema = z.object({
  shape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  affine: z.array(z.number()).length(16),
});

/** Maps of a piece of the vocabulary, as they come. */
export interface TermMapsContent {
  terms: readonly string[];
  mask: Mask;
  /** Rows of float16 bits, in order, any number at a time. */
  association: AsyncIterable<Uint16Array>;
  uniformity?: AsyncIterable<Uint16Array>;
  /** [terms]; known when the maps have been given. */
  associationThreshold?: Float32Array;
  uniformityThreshold?: Float32Array;
  studies?: Uint32Array;
}

/** Writes the maps of a vocabulary, atomically and without holding them. */
export async function writeTermMaps(path: string, content: TermMapsContent): Promise<void> {
  const { terms, mask } = content;
  const shape = [terms.length, mask.voxels.length];
  const tensors: SafetensorsTensor[] = [{ name: 'association', dtype: 'F16', shape, data: content.association }];
  if (content.uniformity) tensors.push({ name: 'uniformity', dtype: 'F16', shape, data: content.uniformity });
  tensors.push({ name: 'voxels', dtype: 'U32', shape: [mask.voxels.length], data: Uint32Array.from(mask.voxels) });
  for (const name of ['associationThreshold', 'uniformityThreshold'] as const) {
    const values = content[name];
    if (values) tensors.push({ name, dtype: 'F32', shape: [terms.length], data: values });
  }
  if (content.studies) tensors.push({ name: 'studies', dtype: 'U32', shape: [terms.length], data: content.studies });
  await writeSafetensors(path, tensors, {
    format: FORMAT,
    grid: JSON.stringify({ shape: mask.grid.shape, affine: mask.grid.affine }),
    terms: JSON.stringify(terms),
  });
}

/** An open file of term maps; close it when done. */
export class TermMaps {
  constructor(
    private readonly file: SafetensorsFile,
    readonly terms: readonly string[],
    readonly mask: Mask,
  ) {}

  get hasUniformity(): boolean {
    return this.file.tensors.has('uniformity');
  }

  /**
   * Maps of consecutive terms, as float16 bits.
   * @param into memory to fill, of at least count × voxels
   * @returns [count, voxels]
   */
  read(
    kind: 'association' | 'uniformity',
    from: number,
    count: number,
    into?: Uint16Array<ArrayBuffer>,
  ): Promise<Uint16Array<ArrayBuffer>> {
    return this.file.readFloat16Rows(kind, [this.terms.length, this.mask.voxels.length], from, count, into);
  }

  /** The map of one term, [voxels]. */
  async map(kind: 'association' | 'uniformity', term: number): Promise<Float32Array> {
    const bits = await this.read(kind, term, 1);
    return new Float32Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length));
  }

  /** The |z| from which on each term's map passes FDR, [terms]; NaN where the maps are not of z. */
  async thresholds(kind: 'association' | 'uniformity'): Promise<Float32Array> {
    const name = `${kind}Threshold`;
    if (!this.file.tensors.has(name)) return new Float32Array(this.terms.length).fill(NaN);
    return this.file.readFloat32(name, [this.terms.length]);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** @throws UserError where the file is no such file */
export async function openTermMaps(path: string): Promise<TermMaps> {
  const file = await openSafetensors(path);
  try {
    if (file.metadata.get('format') !== FORMAT) throw foreign(path, file.metadata.get('format') ?? 'no format');
    const terms = z.array(z.string()).parse(JSON.parse(file.metadata.get('terms') ?? '[]'));
    const grid = gridSchema.parse(JSON.parse(file.metadata.get('grid') ?? 'null')) as Grid;
    const count = file.tensors.get('voxels')?.shape[0] ?? 0;
    const voxels = Int32Array.from(await file.readUint32('voxels', [count]));
    return new TermMaps(file, terms, maskOfVoxels(grid, voxels));
  } catch (caught) {
    await file.close();
    throw caught instanceof UserError ? caught : foreign(path, String(caught));
  }
}

function foreign(file: string, found: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is no file of term maps',
    file,
    expected: FORMAT,
    found,
    remedy: 'import the terms again',
  });
}
