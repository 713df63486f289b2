import { unmask, type Mask } from '../../fmri/mask';
import { readNiftiHeader, readRawVolumes } from '../../fmri/nifti/read';
import type { Volume } from './volume';

/**
 * The mean of mean images on a mask's grid, each divided by its 98th percentile, so that scanners' units do not matter; evenly
 * bright where there is none.
 * @returns brightness in [0, 1]; NaN outside the mask
 */
export async function averageBackground(files: readonly string[], mask: Mask): Promise<Volume> {
  return { grid: mask.grid, values: unmask(await averageInMask(files, mask), mask, NaN) };
}

/** The same, [voxels] of the mask; ones where there is no file. */
export async function averageInMask(files: readonly string[], mask: Mask): Promise<Float32Array> {
  const sum = new Float32Array(mask.voxels.length).fill(files.length === 0 ? 1 : 0);
  for (const file of files) {
    const header = await readNiftiHeader(file);
    for await (const raw of readRawVolumes(file, header, {})) {
      const values = Float32Array.from(mask.voxels, (voxel) => Math.max(0, raw[voxel]!));
      const bright = values.slice().sort()[Math.floor(0.98 * (values.length - 1))] || 1;
      for (let n = 0; n < sum.length; n++) sum[n]! += Math.min(1, values[n]! / bright) / files.length;
    }
  }
  return sum;
}
