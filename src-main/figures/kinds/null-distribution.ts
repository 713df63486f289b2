import { quantileOfSorted } from '../../coupling/circular-shift-null';
import { drawAxes, type Axes, type Frame } from '../drawing/axes';
import { BRAIN, BRAIN_TEXT, HAIRLINE, INK, QUIET } from '../drawing/colours';
import { breakAtComma, fitText, textWidth } from '../drawing/fonts';
import { afterP, signed } from '../drawing/numbers';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';

/** A pair, and what chance finds in its place. */
export interface PairNull {
  fbn: number;
  filter: number;
  model: string;
  layer: string;
  movieRun: string;
  r: number;
  /** By the t-test, as for a pair named beforehand; and by the null, as for the best of many. */
  pNaive: number;
  pCorrected: number;
  /** Over what the largest r was taken: "512 filters". */
  partners: string;
  /** How chance was made: "circular shifts". */
  method: string;
  /** The largest r in every null copy. */
  maxima: Float32Array;
}

export interface NullStyle {
  widthMm: number;
  fontSize: number;
  columns: number;
  title: string;
}

const GAP = 10;

/** A panel per pair: the histogram of the largest r that chance finds, its 95 % quantile, and the observed r on it. */
export function drawNullDistributions(pairs: readonly PairNull[], style: NullStyle): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const columns = Math.min(style.columns, pairs.length);
  const width = style.widthMm * POINTS_PER_MM;
  const cell = (width - 2 - (columns - 1) * GAP) / columns;
  const height = Math.max(cell * 0.55, size * 16);
  const top = size * 2.4;
  drawing.text(1, size * 1.1, fitText(style.title, width - 2, size, true), { size, bold: true });
  for (const [i, pair] of pairs.entries()) {
    const [x, y] = [1 + (i % columns) * (cell + GAP), top + Math.floor(i / columns) * (height + GAP)];
    drawPanel(drawing, { x, y, width: cell, height }, pair, size);
  }
  return drawing.scene(width, top + Math.ceil(pairs.length / columns) * (height + GAP) - GAP + 2, style.title);
}

function drawPanel(drawing: Drawing, frame: Frame, pair: PairNull, size: number): void {
  const run = fitText(pair.movieRun, frame.width * 0.35, size);
  const name = `FBN ${pair.fbn} · ${pair.model} ${pair.layer} · ${pair.filter}`;
  const room = frame.width - textWidth(run, size) - 6;
  drawing.text(frame.x, frame.y + size, fitText(name, room, size, true), { size, bold: true });
  drawing.text(frame.x + frame.width, frame.y + size, run, { size, anchor: 'end', fill: QUIET });
  const said = `r = ${signed(pair.r, 3)}, p ${afterP(pair.pNaive)} (naive, t-test), p ${afterP(pair.pCorrected)} (corrected, ${pair.maxima.length} ${pair.method})`;
  const lines = breakAtComma(said, frame.width, size);
  for (const [i, line] of lines.entries())
    drawing.text(frame.x, frame.y + size * (2.4 + 1.25 * i), fitText(line, frame.width, size), { size });
  const head = size * (1.9 + 1.25 * lines.length);
  const plot = { x: frame.x, y: frame.y + head, width: frame.width, height: frame.height - head };
  drawHistogram(drawing, plot, pair, size);
}

function drawHistogram(drawing: Drawing, plot: Frame, { maxima, r, partners }: PairNull, size: number): void {
  const sorted = Float64Array.from(maxima).sort();
  const [least, most] = [Math.min(sorted[0]!, r), Math.max(sorted.at(-1)!, r)];
  const margin = 0.05 * (most - least || 0.1);
  const bins = histogram(sorted, Math.max(8, Math.min(40, Math.ceil(Math.sqrt(sorted.length)))));
  const highest = Math.max(...bins.counts);
  const axes = drawAxes(drawing, plot, {
    ...{ xDomain: [least - margin, most + margin], yDomain: [0, highest * 1.15], nice: false, fontSize: size },
    ...{ xLabel: `largest r over ${partners}`, yLabel: 'null copies' },
  });
  for (const [i, count] of bins.counts.entries()) {
    const [from, to] = [axes.x(bins.from + i * bins.width), axes.x(bins.from + (i + 1) * bins.width)];
    if (count > 0) drawing.rectangle(from, axes.y(count), to - from, axes.y(0) - axes.y(count), { fill: HAIRLINE });
  }
  drawMark(drawing, axes, quantileOfSorted(sorted, 0.95), { text: '95 %', colour: QUIET, line: INK, size, isDashed: true });
  drawMark(drawing, axes, r, { text: 'observed', colour: BRAIN_TEXT, line: BRAIN, size, isDashed: false });
}

/** Equal bins from the least to the largest value. */
function histogram(sorted: Float64Array, count: number): { from: number; width: number; counts: number[] } {
  const from = sorted[0]!;
  const width = (sorted.at(-1)! - from || 0.01) / count;
  const counts = new Array<number>(count).fill(0);
  for (const value of sorted) counts[Math.min(count - 1, Math.floor((value - from) / width))]!++;
  return { from, width, counts };
}

/** An upright line with a word beside its top; the observed one a line lower, lest the two meet. */
function drawMark(
  drawing: Drawing,
  { x, frame }: Axes,
  value: number,
  { text, colour, line, size, isDashed }: { text: string; colour: string; line: string; size: number; isDashed: boolean },
): void {
  const at = x(value);
  drawing.line([at, frame.y, at, frame.y + frame.height], {
    ...{ stroke: line, strokeWidth: isDashed ? 0.5 : 1 },
    ...(isDashed && { dash: [2, 1.4] as const }),
  });
  const isFar = at + 3 + textWidth(text, size) > frame.x + frame.width;
  const baseline = frame.y + size * (isDashed ? 0.8 : 2.1);
  drawing.text(at + (isFar ? -2.5 : 2.5), baseline, text, { size, fill: colour, anchor: isFar ? 'end' : 'start' });
}
