import { invertAffine } from '../../fmri/affine';

/**
 * MNI (ICBM-152) to Talairach, fitted over brains normalised with software other than SPM and FSL ("icbm2tal, other").
 * @see Lancaster et al. 2007, Human Brain Mapping 28:1194–1205, doi:10.1002/hbm.20345
 */
const ICBM_TO_TALAIRACH = [
  ...[0.9357, 0.0029, -0.0072, -1.0423],
  ...[-0.0065, 0.9396, -0.0726, -1.394],
  ...[0.0103, 0.0752, 0.8967, 3.6475],
  ...[0, 0, 0, 1],
];

const TALAIRACH_TO_ICBM = invertAffine(ICBM_TO_TALAIRACH)!;

/** Brings a peak from Talairach space to MNI space, by the inverse of Lancaster's icbm2tal. @returns mm */
export function talairachToMni(x: number, y: number, z: number): [number, number, number] {
  const row = (at: number) =>
    TALAIRACH_TO_ICBM[at]! * x + TALAIRACH_TO_ICBM[at + 1]! * y + TALAIRACH_TO_ICBM[at + 2]! * z + TALAIRACH_TO_ICBM[at + 3]!;
  return [row(0), row(4), row(8)];
}
