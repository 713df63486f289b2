import { themeColour } from '../ui/trace';
import type { ReportData } from './data';
import { clock, clockStep, withInSight, zoomed, type ViewState } from './state';

type Change = (change: Partial<ViewState>) => void;

const ROW = 40;
/** Room for what a row is of, and for numbers left of the large trace. */
const LEFT = 132;
const BOTTOM = 18;

/** The large trace of one FBN with its best filter, and the small ones of all; they share cursor and stretch. */
export class TraceViewer {
  private readonly detail = document.getElementById('detail') as HTMLCanvasElement;
  private readonly list = document.getElementById('rows')!;
  private readonly rows = this.list.querySelector('canvas')!;
  private drag: { from: number; to: number } | undefined;

  constructor(
    private readonly data: ReportData,
    private readonly change: Change,
    private readonly state: () => ViewState,
  ) {
    this.list.querySelector('div')!.style.height = `${data.page.fbns.length * ROW}px`;
    this.list.addEventListener('scroll', () => this.drawRows());
    for (const canvas of [this.detail, this.rows]) this.listen(canvas);
  }

  /** Time points of the run in sight, less one. */
  private get last(): number {
    return this.data.page.runs[this.state().run]!.timePoints - 1;
  }

  private listen(canvas: HTMLCanvasElement): void {
    canvas.addEventListener('pointerdown', (event) => this.onDown(canvas, event));
    canvas.addEventListener('dblclick', () => this.change({ from: 0, to: this.last }));
    canvas.addEventListener('wheel', (event) => {
      // The list scrolls; over it the wheel zooms with Ctrl.
      if (canvas === this.rows && !event.ctrlKey) return;
      event.preventDefault();
      const share = this.share(canvas, event);
      const factor = event.deltaY > 0 ? 1.25 : 0.8;
      const [from, to] = zoomed(this.state(), share * (1 - factor), share + (1 - share) * factor, this.last);
      this.change({ from, to });
    });
  }

  /** Where a pointer stands within the stretch in sight, in [0, 1]. */
  private share(canvas: HTMLCanvasElement, { clientX }: MouseEvent): number {
    const { left, width } = canvas.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - left - LEFT) / (width - LEFT)));
  }

  /** A click sets the cursor, in the list it chooses the FBN too; a drag enlarges a stretch. */
  private onDown(canvas: HTMLCanvasElement, event: PointerEvent): void {
    if (event.button !== 0) return;
    const start = this.share(canvas, event);
    canvas.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent) => {
      if (Math.abs(moved.clientX - event.clientX) > 4) this.drag = { from: start, to: this.share(canvas, moved) };
      this.draw();
    };
    canvas.addEventListener('pointermove', move);
    const end = () => {
      canvas.removeEventListener('pointermove', move);
      const drag = this.drag;
      this.drag = undefined;
      const { from, to } = this.state();
      if (drag) {
        const [first, second] = zoomed({ from, to }, drag.from, drag.to, this.last);
        return this.change({ from: first, to: second });
      }
      const fbn = Math.floor((event.offsetY + this.list.scrollTop) / ROW);
      const isNamed = event.offsetX < LEFT;
      this.change({
        ...(!isNamed && { cursor: Math.round(from + start * (to - from)) }),
        ...(canvas === this.rows && fbn < this.data.page.fbns.length && { fbn }),
      });
    };
    canvas.addEventListener('pointerup', end, { once: true });
    canvas.addEventListener('pointercancel', end, { once: true });
  }

  /** Moves the cursor by so many time points. */
  step(points: number): void {
    const cursor = Math.max(0, Math.min(this.last, this.state().cursor + points));
    const [from, to] = withInSight(this.state(), cursor, this.last);
    this.change({ cursor, from, to });
  }

  /** Scrolls the list so that the FBN in sight is in it. */
  showRow(): void {
    const top = this.state().fbn * ROW;
    const { scrollTop, clientHeight } = this.list;
    if (top < scrollTop || top + ROW > scrollTop + clientHeight) this.list.scrollTop = Math.max(0, top - clientHeight / 2);
  }

  draw(): void {
    this.drawDetail();
    this.drawRows();
    this.describe();
  }

  private describe(): void {
    const { fbn, run, cursor } = this.state();
    const { trSeconds, partners } = this.data.page.runs[run]!;
    const value = (side: 'fbns' | 'filters') => {
      const z = this.data.activation(side, run, fbn)[cursor]!;
      return Number.isNaN(z) ? '–' : z.toFixed(2).replace('-', '−');
    };
    const partner = partners[fbn];
    const time = clock(cursor * trSeconds, !Number.isInteger(trSeconds));
    document.getElementById('cursor')!.textContent =
      `${time} · TR ${cursor} · FBN ${value('fbns')}${partner ? ` · filter ${value('filters')}` : ''}`;
    document.getElementById('partner')!.textContent = partner
      ? `╌ ${partner.name} · r ${partner.r.toFixed(3)}`
      : '╌ no filter is coupled in this run';
  }

  private drawDetail(): void {
    const { fbn, run } = this.state();
    const { context, width, height } = prepare(this.detail, 200);
    const frame = { x: LEFT, y: 6, width: width - LEFT, height: height - 6 - BOTTOM };
    this.drawClock(context, frame);
    const [lines, most] = this.lines(run, fbn);
    context.fillStyle = themeColour('--text-quiet');
    context.textAlign = 'right';
    for (const z of [-Math.floor(most), 0, Math.floor(most)])
      context.fillText(String(z).replace('-', '−'), LEFT - 6, this.y(frame, z, most) + 4);
    context.fillText('z', LEFT - 26, frame.y + 10);
    for (const line of lines) this.drawLine(context, frame, line, most, 1.5);
    this.drawCursor(context, frame);
  }

  private drawRows(): void {
    const { run, fbn: chosen } = this.state();
    const { context, width, height } = prepare(this.rows, this.list.clientHeight);
    const { page } = this.data;
    const first = Math.floor(this.list.scrollTop / ROW);
    const count = Math.min(page.fbns.length, first + Math.ceil(height / ROW) + 1);
    for (let fbn = first; fbn < count; fbn++) {
      const top = fbn * ROW - this.list.scrollTop;
      if (fbn === chosen) {
        context.fillStyle = themeColour('--selected');
        context.fillRect(0, top, width, ROW);
      }
      const partner = page.runs[run]!.partners[fbn];
      context.textAlign = 'left';
      context.fillStyle = themeColour('--text');
      context.fillText(`FBN ${fbn}${partner ? `  r ${partner.r.toFixed(3)}` : ''}`, 6, top + 16);
      context.fillStyle = themeColour('--text-quiet');
      context.fillText(shortened(context, partner?.name ?? page.fbns[fbn]!.note, LEFT - 12), 6, top + 31);
      const [lines, most] = this.lines(run, fbn);
      const frame = { x: LEFT, y: top + 2, width: width - LEFT, height: ROW - 4 };
      for (const line of lines) this.drawLine(context, frame, line, most, 1);
    }
    this.drawCursor(context, { x: LEFT, y: 0, width: width - LEFT, height });
  }

  /** The filter beneath the FBN, and the largest size of either. */
  private lines(run: number, fbn: number): [{ side: 'brain' | 'network'; values: Float32Array }[], number] {
    const lines = [
      { side: 'network' as const, values: this.data.activation('filters', run, fbn) },
      { side: 'brain' as const, values: this.data.activation('fbns', run, fbn) },
    ];
    let most = 1;
    for (const { values } of lines) for (const z of values) if (Math.abs(z) > most) most = Math.abs(z);
    return [lines, most];
  }

  private x({ x, width }: Frame, point: number): number {
    const { from, to } = this.state();
    return x + ((point - from) / (to - from || 1)) * width;
  }

  private y({ y, height }: Frame, z: number, most: number): number {
    return y + ((most - z) / (2 * most)) * height;
  }

  private drawLine(
    context: CanvasRenderingContext2D,
    frame: Frame,
    { side, values }: { side: 'brain' | 'network'; values: Float32Array },
    most: number,
    lineWidth: number,
  ): void {
    const { from, to } = this.state();
    context.save();
    context.beginPath();
    context.rect(frame.x, frame.y, frame.width, frame.height);
    context.clip();
    context.beginPath();
    for (let point = Math.max(0, Math.floor(from)); point <= Math.min(values.length - 1, Math.ceil(to)); point++) {
      const z = values[point]!;
      if (!Number.isNaN(z)) context.lineTo(this.x(frame, point), this.y(frame, z, most));
    }
    context.strokeStyle = themeColour(`--${side}`);
    context.lineWidth = lineWidth;
    context.setLineDash(side === 'network' ? [5, 3] : []);
    context.stroke();
    context.restore();
  }

  private drawCursor(context: CanvasRenderingContext2D, frame: Frame): void {
    const x = this.x(frame, this.state().cursor);
    if (this.drag) {
      context.fillStyle = `color-mix(in srgb, ${themeColour('--text')} 14%, transparent)`;
      const [start, end] = [this.drag.from, this.drag.to].map((share) => frame.x + share * frame.width);
      context.fillRect(start!, frame.y, end! - start!, frame.height);
    }
    if (x < frame.x) return;
    context.fillStyle = themeColour('--text');
    context.fillRect(Math.round(x), frame.y, 1, frame.height);
  }

  private drawClock(context: CanvasRenderingContext2D, frame: Frame): void {
    const { from, to, run } = this.state();
    const { trSeconds } = this.data.page.runs[run]!;
    const step = clockStep((to - from) * trSeconds, frame.width / 70);
    context.textAlign = 'center';
    for (let seconds = Math.ceil((from * trSeconds) / step) * step; seconds <= to * trSeconds; seconds += step) {
      const x = Math.round(this.x(frame, seconds / trSeconds));
      context.fillStyle = themeColour('--line');
      context.fillRect(x, frame.y, 1, frame.height);
      context.fillStyle = themeColour('--text-quiet');
      if (x > frame.x + 14 && x < frame.x + frame.width - 14) context.fillText(clock(seconds), x, frame.y + frame.height + 14);
    }
    const middle = Math.round(frame.y + frame.height / 2);
    context.fillStyle = themeColour('--line');
    context.fillRect(frame.x, middle, frame.width, 1);
  }
}

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Clears a canvas for sharp lines on this screen. */
function prepare(
  canvas: HTMLCanvasElement,
  height: number,
): { context: CanvasRenderingContext2D; width: number; height: number } {
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const context = canvas.getContext('2d')!;
  context.scale(devicePixelRatio, devicePixelRatio);
  context.font = '11px Inter, sans-serif';
  return { context, width, height };
}

/** A text no wider than that: its middle gives way. */
function shortened(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  for (let kept = text.length - 1; kept > 1; kept--) {
    const head = Math.floor(kept / 2);
    const shorter = `${text.slice(0, head)}…${text.slice(text.length - (kept - head))}`;
    if (context.measureText(shorter).width <= width) return shorter;
  }
  return '…';
}
