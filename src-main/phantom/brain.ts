import { MNI_4MM, type Grid } from '../../src-preload/shared/domain/grid';
import { createMask, type Mask } from '../fmri/mask';

/** A place in MNI space, in mm: x to the right, y to the front, z up. */
export type Place = readonly [x: number, y: number, z: number];

/** Ellipsoids of the right half, which are mirrored: centre and radii in mm. */
const RIGHT_HALF: readonly { centre: Place; radii: Place }[] = [
  // Frontal, parietal and occipital cortex.
  { centre: [31, -16, 16], radii: [33, 80, 52] },
  { centre: [28, -48, 18], radii: [31, 54, 50] },
  // Temporal lobe.
  { centre: [50, -18, -16], radii: [17, 42, 22] },
  // Cerebellum.
  { centre: [22, -64, -34], radii: [26, 24, 17] },
];
/** Half of the gap between the hemispheres, in mm. */
const FISSURE = 1;

/** The brain of the phantom: two hemispheres, temporal lobes and cerebellum made of ellipsoids, on the 4 mm MNI grid. */
export function createBrainMask(): Mask {
  return createMask(MNI_4MM, (voxel) => {
    const [x, y, z] = placeOfVoxel(MNI_4MM, voxel);
    const side = Math.abs(x);
    if (side < FISSURE && z > 0) return false;
    return RIGHT_HALF.some(({ centre, radii }) => {
      const offsets = [side - centre[0], y - centre[1], z - centre[2]];
      return offsets.reduce((sum, offset, axis) => sum + (offset / radii[axis]!) ** 2, 0) < 1;
    });
  });
}

/** Centre of a voxel of a grid whose axes are those of the world. @param voxel index, i fastest */
export function placeOfVoxel({ shape, affine }: Grid, voxel: number): Place {
  const i = voxel % shape[0];
  const j = Math.floor(voxel / shape[0]) % shape[1];
  const k = Math.floor(voxel / (shape[0] * shape[1]));
  return [affine[0]! * i + affine[3]!, affine[5]! * j + affine[7]!, affine[10]! * k + affine[11]!];
}

/** Centres of a mask's voxels in mm, [voxels × 3]. */
export function placesOf({ grid, voxels }: Mask): Float32Array {
  const places = new Float32Array(voxels.length * 3);
  voxels.forEach((voxel, n) => places.set(placeOfVoxel(grid, voxel), n * 3));
  return places;
}
