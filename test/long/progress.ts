import cliProgress from 'cli-progress';
import { formatSeconds } from '../../src-main/shell/command-line/terminal';
import type { Part } from './run-part';

const LINE_INTERVAL_MILLISECONDS = 60_000;

/** How far the parts are that run now: a bar for each on a terminal, a line a minute elsewhere. */
export class LongProgress {
  private readonly bars?: cliProgress.MultiBar;
  private readonly running = new Map<string, { part: Part; start: number; line: string; bar?: cliProgress.SingleBar }>();
  private readonly timers: NodeJS.Timeout[] = [];

  /** @param left minutes that all parts take which have not begun */
  constructor(
    private readonly left: () => number,
    private readonly stream: NodeJS.WriteStream = process.stdout,
  ) {
    if (stream.isTTY) {
      const format = '{part} {bar} {passed}, {left}  {line}';
      const options = { format, stream, hideCursor: true, clearOnComplete: true, barsize: 20, emptyOnZero: true };
      this.bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
      this.timers.push(setInterval(() => this.draw(), 1000));
    } else this.timers.push(setInterval(() => this.print(), LINE_INTERVAL_MILLISECONDS));
  }

  begin(part: Part): void {
    const bar = this.bars?.create(1, 0, { part: part.name.padEnd(12), passed: '', left: '', line: '' });
    this.running.set(part.name, { part, start: performance.now(), line: '', ...(bar && { bar }) });
    if (!this.bars) this.note(`${part.name}: begins, about ${formatSeconds(part.minutes * 60)}`);
  }

  /** The last line that a part wrote. */
  line(name: string, line: string): void {
    this.running.get(name)!.line = line;
  }

  end(name: string, told: string): void {
    const bar = this.running.get(name)?.bar;
    if (bar) this.bars!.remove(bar);
    this.running.delete(name);
    this.note(told);
  }

  /** A line that stays. */
  note(text: string): void {
    if (this.bars) {
      this.bars.log(`${text}\n`);
      this.bars.update();
    } else this.stream.write(`${text}\n`);
  }

  stop(): void {
    this.timers.forEach(clearInterval);
    this.bars?.stop();
  }

  private secondsLeft(part: Part, start: number): number {
    return Math.max(0, part.minutes * 60 - (performance.now() - start) / 1000);
  }

  private describe({ part, start }: { part: Part; start: number }): { passed: string; left: string } {
    const left = this.secondsLeft(part, start);
    return {
      passed: formatSeconds((performance.now() - start) / 1000),
      left: left > 0 ? `about ${formatSeconds(left)} left` : 'longer than expected',
    };
  }

  private draw(): void {
    const columns = this.stream.columns;
    for (const one of this.running.values()) {
      const { passed, left } = this.describe(one);
      const line = one.line.slice(0, Math.max(0, columns - 40 - passed.length - left.length));
      const share = (performance.now() - one.start) / 60_000 / one.part.minutes;
      one.bar!.update(Math.min(1, share), { passed, left, line });
    }
  }

  private print(): void {
    for (const one of this.running.values()) {
      const { passed, left } = this.describe(one);
      this.note(`${one.part.name}: ${passed}, ${left}: ${one.line}`);
    }
    const now = Math.max(0, ...[...this.running.values()].map(({ part, start }) => this.secondsLeft(part, start)));
    this.note(`about ${formatSeconds(now + this.left() * 60)} left in all`);
  }
}
