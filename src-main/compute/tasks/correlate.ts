import { correlateArrays } from '../../coupling/correlate-arrays';
import { toSeries } from '../../coupling/series';
import { readNpy } from '../../files/npy';
import type { TaskHandler } from '../process';

/** The coupling statistics of two .npy files. */
export const correlateTask: TaskHandler<'correlate'> = async ({ x, y, band }, context) => {
  const [fbns, filters] = [toSeries(await readNpy(x), x), toSeries(await readNpy(y), y)];
  return { ...(await correlateArrays(fbns, filters, { context, names: { x, y }, band })) };
};
