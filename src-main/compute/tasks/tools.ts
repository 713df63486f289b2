import { readNiftiInfo } from '../../fmri/nifti/read';
import { resampleFile } from '../../fmri/resample-file';
import type { TaskHandler } from '../process';

/** What a NIfTI file holds. */
export const niftiInfoTask: TaskHandler<'nifti-info'> = async ({ file, verifyData }, context) => {
  context.progress({
    stage: verifyData ? 'reading the file to its end' : 'reading the header',
    done: 0,
    total: 0,
    unit: 'files',
  });
  return readNiftiInfo(file, { verifyData, signal: context.signal });
};

/** A NIfTI file on another grid. */
export const resampleTask: TaskHandler<'resample'> = async ({ source, output, grid, antiAlias }, context) => {
  const { shape } = await resampleFile({ source, output, target: grid, ...(antiAlias && { smoothing: 'anti-alias' }) }, context);
  return { shape };
};
