import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { HAIRLINE, INK, QUIET } from './colours';
import { textWidth } from './fonts';
import type { Drawing } from './scene';

/** Where a plot lies, in points. */
export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A plot's two scales, from data to points. */
export interface Axes {
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  frame: Frame;
}

export interface AxesOptions {
  xDomain: readonly [number, number];
  yDomain: readonly [number, number];
  xLabel: string;
  yLabel: string;
  fontSize: number;
  /** Widen the domains to round numbers. */
  nice?: boolean;
  grid?: boolean;
  /** Where the x axis has ticks and what they say; round numbers where left out. */
  xTicks?: readonly { at: number; text: string }[];
}

/**
 * Draws the axes of a plot with ticks and labels.
 * @param outer everything of it lies inside
 */
export function drawAxes(drawing: Drawing, outer: Frame, options: AxesOptions): Axes {
  const { xLabel, yLabel, fontSize, nice = true, grid = false } = options;
  const rawY = scaleLinear().domain([...options.yDomain]);
  if (nice) rawY.nice(5);
  const yTicks = rawY.ticks(ticksFor(outer.height, fontSize * 3));
  const yText = rawY.tickFormat(yTicks.length);
  const widest = Math.max(...yTicks.map((tick) => textWidth(yText(tick), fontSize)));
  const left = widest + 4 + (yLabel ? fontSize * 1.5 : 0);
  const bottom = fontSize * 1.5 + (xLabel ? fontSize * 1.3 : 0);
  const frame = {
    x: outer.x + left,
    y: outer.y + fontSize / 2,
    width: outer.width - left - 2,
    height: outer.height - bottom - fontSize / 2,
  };
  const y = rawY.range([frame.y + frame.height, frame.y]);
  const x = scaleLinear()
    .domain([...options.xDomain])
    .range([frame.x, frame.x + frame.width]);
  if (nice) x.nice(5);
  const round = x.ticks(ticksFor(frame.width, fontSize * 6));
  const roundText = x.tickFormat(round.length);
  const xTicks = options.xTicks ?? round.map((at) => ({ at, text: roundText(at) }));
  const floor = frame.y + frame.height;
  for (const tick of yTicks) {
    if (grid) drawing.line([frame.x, y(tick), frame.x + frame.width, y(tick)], { stroke: HAIRLINE, strokeWidth: 0.25 });
    drawing.line([frame.x - 2, y(tick), frame.x, y(tick)], { stroke: INK, strokeWidth: 0.5 });
    drawing.text(frame.x - 3.5, y(tick) + fontSize * 0.36, yText(tick), { size: fontSize, anchor: 'end' });
  }
  for (const { at, text } of xTicks) {
    drawing.line([x(at), floor, x(at), floor + 2], { stroke: INK, strokeWidth: 0.5 });
    drawing.text(x(at), floor + 3 + fontSize, text, { size: fontSize, anchor: 'middle' });
  }
  drawing.line([frame.x, frame.y, frame.x, floor, frame.x + frame.width, floor], { stroke: INK, strokeWidth: 0.5 });
  drawing.text(frame.x + frame.width / 2, outer.y + outer.height - 1, xLabel, { size: fontSize, anchor: 'middle', fill: QUIET });
  drawing.text(outer.x + fontSize, frame.y + frame.height / 2, yLabel, {
    ...{ size: fontSize, anchor: 'middle', fill: QUIET, rotate: -90 },
  });
  return { x, y, frame };
}

function ticksFor(length: number, spacing: number): number {
  return Math.max(2, Math.min(8, Math.floor(length / spacing)));
}
