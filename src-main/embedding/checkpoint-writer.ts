import { writeCheckpoints, type CheckpointDescription } from './checkpoint';
import type { TrainingState } from './training-state';

/** Writing takes at most one part in so many of the time, so below 5 %. */
const SHARE_OF_TIME = 20;

/** Writes the checkpoints of one training, not more often than they are worth. */
export class CheckpointWriter {
  private lastWriting: { end: number; duration: number } | undefined;

  constructor(
    private readonly folder: string,
    readonly description: Omit<CheckpointDescription, 'epoch'>,
    private readonly excludedVoxels: Uint32Array,
  ) {}

  /** Writes the first time, and then when training has gone on for 20 times as long as the last writing took. */
  async writeIfDue(state: TrainingState): Promise<void> {
    if (this.lastWriting) {
      const { end, duration } = this.lastWriting;
      if (performance.now() - end < SHARE_OF_TIME * duration) return;
    }
    await this.write(state);
  }

  /** Writes now. */
  async write(state: TrainingState): Promise<void> {
    const start = performance.now();
    await writeCheckpoints(this.folder, state, this.description, this.excludedVoxels);
    const end = performance.now();
    this.lastWriting = { end, duration: end - start };
  }
}
