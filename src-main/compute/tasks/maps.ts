import { matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import { fbnMaps } from '../../embedding/encode';
import { unmask, type Mask } from '../../fmri/mask';
import { writeNifti } from '../../fmri/nifti/write';

/** FBN maps as a 4D NIfTI file, one FBN per volume; 0 outside the mask, NaN where a voxel took no part. */
export async function writeMaps(path: string, checkpoint: string, mask: Mask): Promise<void> {
  const maps: Matrix = await fbnMaps(checkpoint);
  function* volumes() {
    for (let fbn = 0; fbn < maps.rows; fbn++) yield unmask(matrixRow(maps, fbn), mask);
  }
  await writeNifti(path, {
    ...{ grid: mask.grid, volumes: volumes(), count: maps.rows, dataType: 'float32', spaceCode: 4 },
    description: 'Sync-ACT FBN maps, one per volume',
  });
}
