/** How far a piece of long work has come. */
export interface Progress {
  /** What is being done now, in words a researcher reads: "resampling sub-01 run 2". */
  stage: string;
  /** Units finished, in [0, total]. */
  done: number;
  /** Units in all; 0 where not known. */
  total: number;
  /** Plural noun: "volumes", "frames", "epochs". */
  unit: string;
  /** Of a training: that of the epoch under way, and samples taken per second in it. */
  learningRate?: number;
  samplesPerSecond?: number;
  /** What its two large products alone would allow on this device, as measured. */
  ceilingSamplesPerSecond?: number;
  /** Memory of the process that does the work, in bytes, as measured. */
  memoryBytes?: number;
}

/** Progress with how fast it goes. */
export interface TimedProgress extends Progress {
  /** Units per second over the recent past; null until there are two reports to tell from. */
  unitsPerSecond: number | null;
  /** Time left of this stage at that rate; null where unknown. */
  secondsLeft: number | null;
}

/** What long work is given: where to report, and when to stop. */
export interface WorkContext {
  /** Aborted when the user cancels; check it between batches with throwIfCancelled. */
  readonly signal: AbortSignal;
  /** Aborted when the user wants what the work has come to, and no more of it: work that can ends early, with a result. */
  readonly finishSignal?: AbortSignal;
  progress(progress: Progress): void;
  /** Something the user should know that does not stop the work; one line. */
  warn(message: string): void;
}

/** A context that reports nowhere and is never cancelled, for tests and short work. */
export function quietContext(): WorkContext {
  return { signal: new AbortController().signal, progress: () => {}, warn: () => {} };
}
