import { drawAxes, type Axes, type Frame } from '../drawing/axes';
import { BRAIN, INK, NETWORK, QUIET } from '../drawing/colours';
import { fitText, textWidth } from '../drawing/fonts';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';

/** How p was told: the paper's way, or by the null of the maximum; warm and cool, so that the two are never mixed up. */
export type PWay = 'paper' | 'corrected';

/** Shares over what a panel varies, in [0, 1]. */
export interface ShareLine {
  label: string;
  way: PWay;
  isDashed: boolean;
  points: { x: number; share: number; error?: number }[];
}

/** One panel: how often something is called significant. */
export interface SharePanel {
  title: string;
  xLabel: string;
  yLabel: string;
  /** Doubling steps of x are equally wide. */
  isLogarithmic: boolean;
  lines: ShareLine[];
  /** What a test that keeps its level gives: one share, or as many as x says. */
  nominal: number | 'x' | null;
}

export interface CalibrationStyle {
  widthMm: number;
  fontSize: number;
  columns: number;
  title: string;
  /** Where the figures come from. */
  about: string;
}

const GAP = 14;

/** Whether tests keep their level: shares called significant where all is chance, and of planted pairs where a study has such. */
export function drawCalibration(panels: readonly SharePanel[], style: CalibrationStyle): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const columns = Math.min(style.columns, panels.length);
  const width = style.widthMm * POINTS_PER_MM;
  const cell = (width - 2 - (columns - 1) * GAP) / columns;
  const legend = Math.max(...panels.map(({ lines }) => lines.length)) * size * 1.35;
  const height = Math.min(cell * 0.72, 190) + legend + size * 2;
  const top = size * 4;
  drawing.text(1, size * 1.1, fitText(style.title, width - 2, size, true), { size, bold: true });
  drawing.text(1, size * 2.4, fitText(style.about, width - 2, size - 0.5), { size: size - 0.5, fill: QUIET });
  for (const [i, panel] of panels.entries()) {
    const [x, y] = [1 + (i % columns) * (cell + GAP), top + Math.floor(i / columns) * (height + GAP)];
    drawPanel(drawing, { x, y, width: cell, height }, panel, legend, size);
  }
  return drawing.scene(width, top + Math.ceil(panels.length / columns) * (height + GAP) - GAP + 2, style.title);
}

function drawPanel(drawing: Drawing, frame: Frame, panel: SharePanel, legend: number, size: number): void {
  drawing.text(frame.x, frame.y + size, fitText(panel.title, frame.width, size, true), { size, bold: true });
  for (const [i, line] of panel.lines.entries()) {
    const y = frame.y + size * (2.4 + 1.35 * i);
    drawing.line([frame.x, y - size * 0.35, frame.x + 16, y - size * 0.35], strokeOf(line));
    drawing.text(frame.x + 20, y, fitText(line.label, frame.width - 20, size), { size });
  }
  const head = size * 1.8 + legend;
  const place = panel.isLogarithmic ? Math.log2 : (x: number) => x;
  const places = panel.lines.flatMap(({ points }) => points.map(({ x }) => place(x)));
  const ticks = [...new Set(panel.lines.flatMap(({ points }) => points.map(({ x }) => x)))];
  const axes = drawAxes(
    drawing,
    // The last tick's text reaches beyond the axis.
    { x: frame.x, y: frame.y + head, width: frame.width - size, height: frame.height - head },
    {
      ...{ xDomain: [Math.min(...places), Math.max(...places)], yDomain: [0, 1], nice: false, grid: true, fontSize: size },
      ...{
        xLabel: panel.xLabel,
        yLabel: panel.yLabel,
        ...(panel.isLogarithmic && { xTicks: ticks.map((x) => ({ at: Math.log2(x), text: String(x) })) }),
      },
    },
  );
  drawNominal(drawing, axes, panel.nominal, size);
  for (const line of panel.lines) {
    const points = line.points.flatMap(({ x, share }) => [axes.x(place(x)), axes.y(share)]);
    for (const { x, share, error } of line.points) {
      if (error === undefined) continue;
      const [low, high] = [Math.max(0, share - error), Math.min(1, share + error)];
      const at = axes.x(place(x));
      drawing.line([at, axes.y(low), at, axes.y(high)], { stroke: strokeOf(line).stroke, strokeWidth: 0.5 });
    }
    drawing.line(points, strokeOf(line));
  }
}

function drawNominal(drawing: Drawing, { x, y }: Axes, nominal: SharePanel['nominal'], size: number): void {
  if (nominal === null) return;
  const [from, to] = x.domain() as [number, number];
  const shareAt = (at: number) => (nominal === 'x' ? at : nominal);
  drawing.line([x(from), y(shareAt(from)), x(to), y(shareAt(to))], { stroke: INK, strokeWidth: 0.4, dash: [1, 1.4] });
  const text = 'nominal';
  drawing.text(x(to) - textWidth(text, size - 0.5) - 2, y(shareAt(to)) - 3, text, { size: size - 0.5, fill: QUIET });
}

function strokeOf({ way, isDashed }: ShareLine): { stroke: string; strokeWidth: number; dash?: readonly [number, number] } {
  return { stroke: way === 'paper' ? BRAIN : NETWORK, strokeWidth: 1, ...(isDashed && { dash: [3, 1.6] as const }) };
}
