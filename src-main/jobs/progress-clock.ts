import type { Progress, TimedProgress } from '../../src-preload/shared/domain/work';

/** Reports older than this do not count for the rate. */
const WINDOW_MILLISECONDS = 30_000;

/** Turns progress reports into a rate and a time left, from the reports of the last half minute with the same unit and total. */
export class ProgressClock {
  private reports: { time: number; done: number }[] = [];
  private series = '';

  /** @param now milliseconds, of any clock that does not go backwards */
  update(progress: Progress, now = performance.now()): TimedProgress {
    const series = `${progress.unit}/${progress.total}`;
    const last = this.reports.at(-1);
    if (series !== this.series || (last && progress.done < last.done)) this.reports = [];
    this.series = series;
    this.reports.push({ time: now, done: progress.done });
    while (this.reports.length > 2 && now - this.reports[0]!.time > WINDOW_MILLISECONDS) this.reports.shift();
    const first = this.reports[0]!;
    const seconds = (now - first.time) / 1000;
    const rate = seconds > 0 && progress.done > first.done ? (progress.done - first.done) / seconds : null;
    const left = rate !== null && progress.total > 0 ? Math.max(0, progress.total - progress.done) / rate : null;
    return { ...progress, unitsPerSecond: rate, secondsLeft: left };
  }
}
