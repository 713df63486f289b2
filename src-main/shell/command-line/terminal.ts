import cliProgress from 'cli-progress';
import type { TimedProgress } from '../../../src-preload/shared/domain/work';

/** Plain lines come at most this often within a stage, and when the stage changes. */
const LINE_INTERVAL_MILLISECONDS = 5000;
const STAGE_INTERVAL_MILLISECONDS = 1000;

/**
 * Progress on standard error: a bar on a terminal, plain lines elsewhere (at most one per second, and one in
 * five seconds within a stage), so that logs of job arrays stay short.
 */
export class ProgressDisplay {
  private bar: cliProgress.SingleBar | undefined;
  private stage = '';
  private lineAt = performance.now();

  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  update(progress: TimedProgress): void {
    if (this.stream.isTTY) this.draw(progress);
    else this.print(progress);
  }

  /** A line of its own, above the bar if there is one. */
  note(message: string): void {
    this.end();
    this.stream.write(`${message}\n`);
  }

  /** Removes the bar. */
  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private draw(progress: TimedProgress): void {
    if (!this.bar) {
      const format = '{stage} {bar} {count} {left}';
      this.bar = new cliProgress.SingleBar(
        { format, stream: this.stream, hideCursor: true, clearOnComplete: true, barsize: 24, etaBuffer: 1 },
        cliProgress.Presets.shades_classic,
      );
      this.bar.start(Math.max(1, progress.total), 0, { stage: progress.stage, count: '', left: '' });
    }
    this.bar.setTotal(Math.max(1, progress.total));
    this.bar.update(progress.done, { stage: progress.stage, count: describeCount(progress), left: describeTimeLeft(progress) });
  }

  private print(progress: TimedProgress): void {
    const now = performance.now();
    const sameStage = progress.stage === this.stage;
    if (now - this.lineAt < (sameStage ? LINE_INTERVAL_MILLISECONDS : STAGE_INTERVAL_MILLISECONDS)) return;
    this.stage = progress.stage;
    this.lineAt = now;
    this.stream.write(`${[progress.stage, describeCount(progress), describeTimeLeft(progress)].filter(Boolean).join('  ')}\n`);
  }
}

function describeCount({ done, total, unit, unitsPerSecond }: TimedProgress): string {
  const rate = unitsPerSecond === null ? '' : ` (${unitsPerSecond.toPrecision(2)} ${unit}/s)`;
  return total > 0 ? `${done}/${total} ${unit}${rate}` : done > 0 ? `${done} ${unit}${rate}` : '';
}

function describeTimeLeft({ secondsLeft }: TimedProgress): string {
  return secondsLeft === null ? '' : `${formatSeconds(secondsLeft)} left`;
}

/** "45 s", "3 min 05 s", "2 h 10 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** A plain text table: first row is the header, numbers right-aligned. */
export function formatColumns(rows: readonly (readonly (string | number | null)[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
  const widths = texts[0]!.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  const numeric = widths.map((_, column) =>
    rows.slice(1).every((row) => row[column] === null || typeof row[column] === 'number'),
  );
  return texts
    .map((row) =>
      row.map((cell, column) => (numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  '),
    )
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
