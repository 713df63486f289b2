/** Rows of a 4 × 4 voxel-to-world matrix in row-major order, in mm (RAS+): length 16. */
export type Affine = readonly number[];

/** Where voxels lie in the world: voxel (i, j, k) has its centre at affine · (i, j, k, 1) mm. */
export interface Grid {
  /** Voxels along i, j, k; i runs fastest in memory (NIfTI order). */
  shape: readonly [number, number, number];
  affine: Affine;
}

/** The MNI152 grid at 4 mm on which FBN maps and term maps meet: 45 × 54 × 45, first voxel at (−90, −126, −72) mm. */
export const MNI_4MM: Grid = {
  shape: [45, 54, 45],
  affine: [4, 0, 0, -90, 0, 4, 0, -126, 0, 0, 4, -72, 0, 0, 0, 1],
};

/** Number of voxels of a grid. */
export function voxelCount(grid: Grid): number {
  return grid.shape[0] * grid.shape[1] * grid.shape[2];
}
