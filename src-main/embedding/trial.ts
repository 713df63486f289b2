import type { ComputationPlace } from './computation';
import { createComputation } from './computation';
import { madeUpNumbers } from './ceiling';
import { samplesInMemory, type LoadedSample } from './samples';
import type { EmbeddingSettings } from './settings';
import { takesFloat16 } from './takes-float16';
import { initialState } from './training-state';
import { weightValues } from './adam';

/** The problem that a place is tried with. */
export interface TrialProblem {
  settings: EmbeddingSettings;
  voxels: number;
  /** Time points of the longest run. */
  time: number;
}

export interface TrialOutcome {
  provider: string;
  /** Time that a sample takes within a step, once all is compiled and allocated. */
  secondsPerSample: number;
}

/** Samples of a trial's steps at least: enough to spread over them what a step does once. */
const SAMPLES = 2;
const MOST_STEPS = 4;
const ENOUGH_SECONDS = 1;

/** Takes a few steps of a training of this form and size on made-up data, and tells how long they take. */
export async function tryPlace(place: ComputationPlace, { settings, voxels, time }: TrialProblem): Promise<TrialOutcome> {
  const computation = createComputation(place, { ...settings, voxels });
  try {
    const weights = weightValues(initialState(settings, voxels, new Uint32Array()).weights);
    const sample = madeUpSample(time, voxels, await takesFloat16(place));
    const count = Math.min(Math.max(SAMPLES, computation.groupSize(settings.batchSize, time)), settings.batchSize);
    async function* groups() {
      const size = Math.min(count, computation.groupSize(count, time));
      for (let i = 0; i < count; i += size) yield Array.from({ length: Math.min(size, count - i) }, () => sample);
    }
    const step = async () => {
      const start = performance.now();
      await computation.step(weights, groups(), 2 / (count * time * voxels));
      return (performance.now() - start) / 1000;
    };
    // The first compiles and allocates.
    await step();
    const seconds: number[] = [];
    while (seconds.length < MOST_STEPS && seconds.reduce((sum, one) => sum + one, 0) < ENOUGH_SECONDS) seconds.push(await step());
    return { provider: await computation.provider(), secondsPerSample: Math.min(...seconds) / count };
  } finally {
    await computation.release();
  }
}

/** A sample as run files hold it, where the place takes it so. */
function madeUpSample(time: number, voxels: number, inFloat16: boolean): LoadedSample {
  const numbers = madeUpNumbers(time * voxels);
  const values = inFloat16 ? new Uint16Array(new Float16Array(numbers).buffer) : numbers;
  return { source: samplesInMemory('made up', time, voxels, values), values };
}
