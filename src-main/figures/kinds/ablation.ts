import { scaleLinear } from 'd3-scale';
import { HAIRLINE, INK, NETWORK, QUIET } from '../drawing/colours';
import { fitText, textWidth } from '../drawing/fonts';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';
import type { Frame } from '../drawing/axes';

/** One embedding of an ablation: its pairs' metrics, in the order of the figure's metrics; null where not measured or published. */
export interface AblationVariantRow {
  name: string;
  /** Over the pairs of all movie runs. */
  all: (number | null)[];
  /** By movie run. */
  runs: (number | null)[][];
  published: (number | null)[];
}

export interface AblationStyle {
  widthMm: number;
  fontSize: number;
  /** Panels side by side. */
  columns: number;
  title: string;
  /** What the metrics are of, such as "ResNet-18 layer4, 64 FBNs". */
  about: string;
}

/** A metric of Table 4, and which way is better. */
export interface AblationMetric {
  name: string;
  isHigherBetter: boolean;
}

const GAP = 10;

/**
 * The paper's Table 4 as a picture: a panel per metric, a row per embedding; the mean over all pairs as a disc, movie runs as small
 * rings, what the paper published as a diamond.
 */
export function drawAblation(
  metrics: readonly AblationMetric[],
  rows: readonly AblationVariantRow[],
  style: AblationStyle,
): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const nameWidth = Math.min(width * 0.3, Math.max(...rows.map(({ name }) => textWidth(name, size))) + 6);
  const columns = Math.min(style.columns, metrics.length);
  const cell = (width - 2 - nameWidth - (columns - 1) * GAP) / columns;
  const line = size * 2.4;
  const height = size * 1.8 + rows.length * line + size * 2.6;
  const top = size * 4.4;
  drawing.text(1, size * 1.1, fitText(style.title, width - 2, size, true), { size, bold: true });
  drawing.text(1, size * 2.4, fitText(style.about, width * 0.6, size), { size, fill: QUIET });
  drawKey(drawing, width - 1, size * 2.4, size, rows);
  for (const [i, metric] of metrics.entries()) {
    const y = top + Math.floor(i / columns) * (height + GAP);
    if (i % columns === 0) {
      for (const [k, { name }] of rows.entries())
        drawing.text(1, y + size * 2.15 + (k + 0.5) * line, fitText(name, nameWidth - 4, size), { size });
    }
    const x = 1 + nameWidth + (i % columns) * (cell + GAP);
    drawMetric(drawing, { x, y, width: cell, height }, { metric, place: i, rows, line, size });
  }
  return drawing.scene(width, top + Math.ceil(metrics.length / columns) * (height + GAP) - GAP + 2, style.title);
}

function drawMetric(
  drawing: Drawing,
  frame: Frame,
  content: { metric: AblationMetric; place: number; rows: readonly AblationVariantRow[]; line: number; size: number },
): void {
  const { metric, place, rows, line, size } = content;
  drawing.text(frame.x, frame.y + size, metric.name, { size, bold: true });
  const better = metric.isHigherBetter ? 'higher is better' : 'lower is better';
  drawing.text(frame.x + frame.width, frame.y + size, better, { size: size - 0.5, anchor: 'end', fill: QUIET });
  const values = rows
    .flatMap(({ all, runs, published }) => [all[place], published[place], ...runs.map((run) => run[place])])
    .filter((value): value is number => typeof value === 'number');
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.12;
  const x = scaleLinear([low - margin, high + margin], [frame.x + 4, frame.x + frame.width - 4]);
  const [head, floor] = [frame.y + size * 1.8, frame.y + size * 1.8 + rows.length * line];
  const ticks = x.ticks(Math.max(2, Math.floor(frame.width / (size * 6))));
  const tickText = x.tickFormat(ticks.length);
  for (const tick of ticks) {
    drawing.line([x(tick), head, x(tick), floor], { stroke: HAIRLINE, strokeWidth: 0.25 });
    drawing.text(x(tick), floor + size * 1.4, tickText(tick), { size, anchor: 'middle' });
  }
  drawing.line([frame.x, floor, frame.x + frame.width, floor], { stroke: INK, strokeWidth: 0.5 });
  for (const [k, row] of rows.entries()) {
    const y = head + (k + 0.5) * line;
    for (const run of row.runs) if (run[place] != null) drawRing(drawing, x(run[place]), y);
    if (row.published[place] != null) drawDiamond(drawing, x(row.published[place]), y);
    const all = row.all[place];
    if (all != null) drawing.circle(x(all), y, 1.9, { fill: NETWORK });
    else drawing.text(frame.x + 4, y + size * 0.35, 'not measured', { size: size - 0.5, fill: QUIET });
  }
}

function drawRing(drawing: Drawing, x: number, y: number): void {
  drawing.circle(x, y, 1.2, { stroke: NETWORK, strokeWidth: 0.5 });
}

function drawDiamond(drawing: Drawing, x: number, y: number): void {
  drawing.line([x, y - 2.4, x + 2.4, y, x, y + 2.4, x - 2.4, y], { stroke: INK, strokeWidth: 0.6, closed: true });
}

/** What the marks mean, of those that are there, from the right. */
function drawKey(drawing: Drawing, right: number, y: number, size: number, rows: readonly AblationVariantRow[]): void {
  const marks: { text: string; draw: (x: number) => void; isThere: boolean }[] = [
    {
      text: 'published (Zhao et al. 2022)',
      draw: (x) => drawDiamond(drawing, x, y - size * 0.35),
      isThere: rows.some(({ published }) => published.some((value) => value !== null)),
    },
    {
      text: 'a movie run',
      draw: (x) => drawRing(drawing, x, y - size * 0.35),
      isThere: rows.some(({ runs }) => runs.length > 1),
    },
    { text: 'all pairs', draw: (x) => drawing.circle(x, y - size * 0.35, 1.9, { fill: NETWORK }), isThere: true },
  ];
  for (const { text, draw } of marks.filter(({ isThere }) => isThere)) {
    drawing.text(right, y, text, { size, anchor: 'end', fill: QUIET });
    right -= textWidth(text, size) + 5;
    draw(right);
    right -= 8;
  }
}
