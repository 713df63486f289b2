import { drawAxes } from '../drawing/axes';
import { INK, NETWORK, QUIET } from '../drawing/colours';
import { placeLabels } from '../drawing/labels';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';
import { confidenceBand, linearRegression } from '../../coupling/regression';

/** A model's place in the regression of one movie run. */
export interface RegressionPoint {
  model: string;
  /** ImageNet top-1 accuracy in percent. */
  top1: number;
  meanR: number;
}

export interface RegressionStyle {
  widthMm: number;
  fontSize: number;
  columns: number;
  title: string;
  yLabel: string;
}

/** The paper's Figure 3: mean r over ImageNet top-1, a panel per movie run, with the line's 95 % confidence band. */
export function drawRegression(
  panels: readonly { movieRun: string; points: readonly RegressionPoint[] }[],
  style: RegressionStyle,
): Scene {
  const drawing = new Drawing();
  const { fontSize: size, columns } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const cell = width / Math.min(columns, panels.length);
  const height = cell * 0.82;
  for (const [i, panel] of panels.entries()) {
    const [x, y] = [(i % columns) * cell, Math.floor(i / columns) * height];
    drawPanel(drawing, { x: x + 2, y: y + 2, width: cell - 8, height: height - 6 }, panel, style);
  }
  return drawing.scene(width, Math.ceil(panels.length / columns) * height, style.title);

  function drawPanel(
    on: Drawing,
    frame: { x: number; y: number; width: number; height: number },
    { movieRun, points }: (typeof panels)[number],
    { yLabel }: RegressionStyle,
  ): void {
    const [x, y] = [points.map(({ top1 }) => top1), points.map(({ meanR }) => meanR)];
    const line = linearRegression(x, y);
    on.text(frame.x, frame.y + size, movieRun, { size, bold: true });
    const facts = Number.isNaN(line.r2)
      ? `n = ${line.n}`
      : `R² = ${line.r2.toFixed(2)}, p = ${line.p < 0.001 ? '< 0.001' : line.p.toFixed(3)}, n = ${line.n}`;
    on.text(frame.x + frame.width, frame.y + size, facts, { size, anchor: 'end' });
    const inner = { x: frame.x, y: frame.y + size * 1.6, width: frame.width, height: frame.height - size * 1.6 };
    const pad = (values: number[]): [number, number] => {
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const margin = (high - low || 1) * 0.12;
      return [low - margin, high + margin];
    };
    const axes = drawAxes(on, inner, {
      ...{ xDomain: pad(x), yDomain: pad(y), nice: true, fontSize: size },
      ...{ xLabel: 'ImageNet top-1 (%)', yLabel },
    });
    if (!Number.isNaN(line.slope)) drawBand(on, axes, x, line);
    for (const { top1, meanR } of points)
      on.circle(axes.x(top1), axes.y(meanR), 1.8, { fill: NETWORK, stroke: '#ffffff', strokeWidth: 0.4 });
    const places = points.map(({ model, top1, meanR }) => ({ text: model, x: axes.x(top1), y: axes.y(meanR) }));
    for (const { text, x: left, y: baseline } of placeLabels(places, axes.frame, size - 1))
      on.text(left, baseline, text, { size: size - 1, fill: QUIET });
  }
}

const STEPS_OF_BAND = 48;

/** The line and the 95 % confidence band of its mean, from end to end of the axis. */
function drawBand(
  drawing: Drawing,
  axes: ReturnType<typeof drawAxes>,
  x: readonly number[],
  line: ReturnType<typeof linearRegression>,
): void {
  const [from, to] = axes.x.domain() as [number, number];
  const places = Array.from({ length: STEPS_OF_BAND + 1 }, (_, i) => from + ((to - from) * i) / STEPS_OF_BAND);
  const band = confidenceBand(x, line, places);
  const edge = (bound: 'low' | 'middle' | 'high', points = band) =>
    points.flatMap((point) => [axes.x(point.x), clamp(axes, point[bound])]);
  drawing.line([...edge('high'), ...edge('low', band.toReversed())], { fill: NETWORK, opacity: 0.14, closed: true });
  drawing.line(edge('middle', [band[0]!, band.at(-1)!]), { stroke: INK, strokeWidth: 0.7 });
}

function clamp({ y, frame }: ReturnType<typeof drawAxes>, value: number): number {
  return Math.max(frame.y, Math.min(frame.y + frame.height, y(value)));
}
