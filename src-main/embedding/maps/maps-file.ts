import { z } from 'zod';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { writeSafetensors, type SafetensorsFile } from '../../files/safetensors';
import type { RegressedMaps } from './regression';

/*
 * Maps that no autoencoder was trained for (made by group ICA or dictionary learning, or elsewhere) as a safetensors file: `theta`
 * [2m, voxels] as in a checkpoint (rows 0 … m−1 regress a volume on the maps, rows m … 2m−1 are the maps less their means),
 * `means` [m] and `excludedVoxels` (uint32, ascending). Metadata: `format`, and `description` in JSON.
 */
export const MAPS_FORMAT = 'syncact-maps-1';

const count = z.int().nonnegative();
const descriptionSchema = z.strictObject({
  /** How the maps were made, in words. */
  method: z.string(),
  fbns: z.int().positive(),
  voxels: z.int().positive(),
  excludedVoxels: count,
});
export type MapsDescription = z.infer<typeof descriptionSchema>;

/** Writes maps atomically. */
export async function writeMapsFile(
  path: string,
  { theta, means }: Pick<RegressedMaps, 'theta' | 'means'>,
  excludedVoxels: Uint32Array,
  method: string,
): Promise<void> {
  const fbns = means.length;
  const voxels = theta.length / (2 * fbns);
  const description: MapsDescription = { method, fbns, voxels, excludedVoxels: excludedVoxels.length };
  await writeSafetensors(
    path,
    [
      { name: 'theta', dtype: 'F32', shape: [2 * fbns, voxels], data: theta },
      { name: 'means', dtype: 'F32', shape: [fbns], data: means },
      { name: 'excludedVoxels', dtype: 'U32', shape: [excludedVoxels.length], data: excludedVoxels },
    ],
    { format: MAPS_FORMAT, description: JSON.stringify(description) },
  );
}

/** Whether an open file holds such maps. */
export function isMapsFile(file: SafetensorsFile): boolean {
  return file.metadata.get('format') === MAPS_FORMAT;
}

/** @throws UserError where the file is damaged */
export async function readMapsFile(file: SafetensorsFile) {
  const description = describeMapsFile(file);
  const { fbns, voxels } = description;
  return {
    description,
    theta: await file.readFloat32('theta', [2 * fbns, voxels]),
    means: await file.readFloat32('means', [fbns]),
    excludedVoxels: await file.readUint32('excludedVoxels', [description.excludedVoxels]),
  };
}

/** Maps [voxels] of some FBNs, and nothing else of the file; NaN at voxels that took no part. */
export async function readMapsOf(file: SafetensorsFile, wanted: readonly number[]): Promise<Float32Array[]> {
  const { fbns, voxels, excludedVoxels } = describeMapsFile(file);
  const means = await file.readFloat32('means', [fbns]);
  const excluded = await file.readUint32('excludedVoxels', [excludedVoxels]);
  const maps: Float32Array[] = [];
  for (const fbn of wanted) {
    const map = await file.readFloat32Rows('theta', [2 * fbns, voxels], fbns + fbn, 1);
    for (let v = 0; v < voxels; v++) map[v]! += means[fbn]!;
    for (const voxel of excluded) map[voxel] = NaN;
    maps.push(map);
  }
  return maps;
}

function describeMapsFile(file: SafetensorsFile): MapsDescription {
  try {
    return descriptionSchema.parse(JSON.parse(file.metadata.get('description') ?? ''));
  } catch {
    throw new UserError({
      code: 'result-outdated',
      what: 'the stored maps cannot be read',
      file: file.path,
      expected: 'the description of FBN maps',
      found: 'something else',
      remedy: 'make the embedding again',
    });
  }
}
