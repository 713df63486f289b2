import { BRAIN_TEXT, INK, NETWORK_TEXT, QUIET, hex, sequentialColour } from '../drawing/colours';
import { drawScale } from '../drawing/colour-scale';
import { breakAtComma, fitText, textWidth } from '../drawing/fonts';
import { signed } from '../drawing/numbers';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';
import type { Frame } from '../drawing/axes';

/** How deep in one model every FBN is predicted. */
export interface ModelProfile {
  model: string;
  /** Shallow to deep. */
  layers: string[];
  fbns: {
    fbn: number;
    /** By layer; null where it cannot be told. */
    r: (number | null)[];
    /** Place of the layer that predicts it best. */
    best: number;
    /** From 0, the first layer, to 1, the last; null where no r is above 0. */
    centre: number | null;
  }[];
}

export interface HierarchyStyle {
  widthMm: number;
  fontSize: number;
  columns: number;
  title: string;
}

const GAP = 12;

/**
 * Layer depth by FBN, a panel per model: the colour says the r with which all filters of a layer predict the FBN in runs left out, a ring
 * the centre of its depth, a frame the layer that predicts it best. FBNs rise from shallow to deep.
 */
export function drawHierarchy(models: readonly ModelProfile[], style: HierarchyStyle): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const columns = Math.min(style.columns, models.length);
  const width = style.widthMm * POINTS_PER_MM;
  const cell = (width - 2 - (columns - 1) * GAP) / columns;
  const most = Math.max(...models.flatMap(({ fbns }) => fbns.flatMap(({ r }) => r.map((value) => value ?? 0))), 1e-6);
  const about = 'r by which all filters of a layer predict an FBN in runs left out, ring: centre of depth, frame: the best layer';
  const lines = breakAtComma(about, width - 2, size - 0.5);
  drawing.text(1, size * 1.1, fitText(style.title, width - 100, size, true), { size, bold: true });
  for (const [i, line] of lines.entries())
    drawing.text(1, size * (3.2 + 1.2 * i), fitText(line, width - 2, size - 0.5), { size: size - 0.5, fill: QUIET });
  drawScale(drawing, { x: width - 91, y: 2, width: 90 }, [0, most], size, 'r');
  let y = size * (3.4 + 1.2 * lines.length);
  for (let first = 0; first < models.length; first += columns) {
    const line = models.slice(first, first + columns);
    const heights = line.map((model, i) => drawModel(drawing, { x: 1 + i * (cell + GAP), y, width: cell }, model, most, size));
    y += Math.max(...heights) + GAP;
  }
  return drawing.scene(width, y - GAP + 2, style.title);
}

/** @returns its height */
function drawModel(
  drawing: Drawing,
  { x, y, width }: Omit<Frame, 'height'>,
  { model, layers, fbns }: ModelProfile,
  most: number,
  size: number,
): number {
  drawing.text(x, y + size, fitText(model, width, size, true), { size, bold: true, fill: NETWORK_TEXT });
  const sorted = fbns.toSorted((a, b) => (a.centre ?? 2) - (b.centre ?? 2) || a.fbn - b.fbn);
  const nameWidth = Math.max(...sorted.map(({ fbn }) => textWidth(`FBN ${fbn}`, size))) + 4;
  const valueWidth = textWidth('−0.00', size) + 4;
  const grid = { x: x + nameWidth, y: y + size * 2.8, width: width - nameWidth - valueWidth };
  const [across, down] = [grid.width / layers.length, size * 1.45];
  drawing.text(x + width, y + size * 2.4, 'centre', { size: size - 0.5, anchor: 'end', fill: QUIET });
  for (const [row, { fbn, r, best, centre }] of sorted.entries()) {
    const at = grid.y + row * down;
    drawing.text(x, at + size * 1.05, `FBN ${fbn}`, { size, fill: BRAIN_TEXT });
    for (const [place, value] of r.entries()) {
      const cell = { x: grid.x + place * across, width: across - 0.5, height: down - 0.5 };
      if (value === null) drawing.text(cell.x + across / 2, at + size * 1.05, '–', { size, anchor: 'middle', fill: QUIET });
      else drawing.rectangle(cell.x, at, cell.width, cell.height, { fill: hex(sequentialColour(Math.max(0, value) / most)) });
    }
    const ring = centre === null ? null : grid.x + (centre * (layers.length - 1) + 0.5) * across;
    // Dark with a light core: legible on every colour of the scale.
    for (const [stroke, strokeWidth] of [[INK, 1.4] as const, ['#ffffff', 0.6] as const]) {
      const frame = { x: grid.x + best * across + 0.7, width: across - 1.9, height: down - 1.9 };
      drawing.rectangle(frame.x, at + 0.7, frame.width, frame.height, { stroke, strokeWidth });
      if (ring !== null) drawing.circle(ring, at + (down - 0.5) / 2, size * 0.3, { stroke, strokeWidth });
    }
    if (centre === null) continue;
    drawing.text(x + width, at + size * 1.05, signed(centre, 2), { size, anchor: 'end' });
  }
  const floor = grid.y + sorted.length * down;
  return drawLayerNames(drawing, { x: grid.x, y: floor, width: grid.width }, layers, size) - y;
}

/** Names of layers under their columns; where they do not fit, the first and the last only. @returns where they end */
function drawLayerNames(
  drawing: Drawing,
  { x, y, width }: Omit<Frame, 'height'>,
  layers: readonly string[],
  size: number,
): number {
  const across = width / layers.length;
  const fit = layers.every((layer) => textWidth(layer, size - 0.5) <= across - 2);
  const text = { size: size - 0.5, fill: NETWORK_TEXT };
  if (fit) {
    for (const [i, layer] of layers.entries())
      drawing.text(x + (i + 0.5) * across, y + size * 1.1, layer, { ...text, anchor: 'middle' });
  } else {
    drawing.text(x, y + size * 1.1, fitText(layers[0]!, width * 0.46, size - 0.5), text);
    drawing.text(x + width, y + size * 1.1, fitText(layers.at(-1)!, width * 0.46, size - 0.5), { ...text, anchor: 'end' });
  }
  drawing.text(x + width / 2, y + size * 2.3, 'layers, shallow to deep', { size: size - 0.5, anchor: 'middle', fill: QUIET });
  return y + size * 2.6;
}
