import type { Run } from '../project/queries/runs';

/** How a run was prepared, in words. */
export function describePreparation({ parameters }: Run): string {
  const { detrend, confounds, antiAlias, dataType } = parameters;
  const parts = [
    'z-scored',
    detrend === true && 'detrended',
    confounds !== 'none' && `confounds ${String(confounds)} regressed out`,
    antiAlias === true && 'smoothed before resampling',
    String(dataType),
  ];
  return parts.filter(Boolean).join(', ');
}
