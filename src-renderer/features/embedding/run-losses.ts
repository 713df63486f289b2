import type { TrainedRuns } from '../../../src-preload/shared/contract/views';
import type { LoadedArray } from '../../api/arrays';
import type { TickRow } from '../../ui/trace';

/** Losses of each run, [epochs, runs]: training runs first; NaN where not known. */
type RunLosses = Pick<LoadedArray<'f32'>, 'data' | 'shape'>;

function ofEpoch({ data, shape }: RunLosses, epoch: number): Float32Array {
  const runs = shape[1]!;
  return data.subarray(epoch * runs, (epoch + 1) * runs);
}

/** Training runs as strokes on the left of their epoch, validation runs on its right; nothing where no loss of a run is known. */
export function runTicks(losses: RunLosses, trainRuns: number): TickRow[] {
  const epochs = Array.from({ length: losses.shape[0]! }, (_, epoch) => ofEpoch(losses, epoch));
  const rows: TickRow[] = [
    { side: 'brain', place: 'left', values: epochs.map((runs) => runs.subarray(0, trainRuns)) },
    { side: 'neutral', place: 'right', values: epochs.map((runs) => runs.subarray(trainRuns)) },
  ];
  return rows.filter(({ values }) => values.some((runs) => runs.some((loss) => !Number.isNaN(loss))));
}

export interface RunLoss {
  name: string;
  part: 'training' | 'validation';
  loss: number;
}

/** The runs that an embedding explains least at an epoch (from 0), worst first. */
export function highestLosses(losses: RunLosses, { train, validation }: TrainedRuns, epoch: number, most: number): RunLoss[] {
  const part = (at: number) => (at < train.length ? 'training' : 'validation');
  const names = [...train, ...validation];
  return Array.from(ofEpoch(losses, epoch), (loss, at): RunLoss => ({ name: names[at] ?? '', part: part(at), loss }))
    .filter(({ loss }) => !Number.isNaN(loss))
    .toSorted((a, b) => b.loss - a.loss)
    .slice(0, most);
}
