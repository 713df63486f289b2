import { drawColourBar, type BrainPainter } from '../brain/draw-brain';
import { sizePercentile } from '../brain/volume';
import { BRAIN_TEXT, QUIET } from '../drawing/colours';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';
import { fitText } from '../drawing/fonts';

export interface AtlasStyle {
  widthMm: number;
  fontSize: number;
  threshold: number;
  palette: 'blue-red' | 'purple-orange';
  columns: number;
  cuts: number;
  title: string;
}

/** All FBNs of an embedding, each as a mosaic of axial cuts in its own colours' limit. */
export function drawAtlas(
  maps: readonly { fbn: number; map: Float32Array; note: string }[],
  painter: BrainPainter,
  style: AtlasStyle,
): Scene {
  const drawing = new Drawing();
  const { columns, fontSize: size, cuts } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const gap = 8;
  const cell = (width - 2 - (columns - 1) * gap) / columns;
  const heights = painter.evenCuts(cuts);
  const rowHeight = cell / cuts / 0.82 + size * 2.9;
  const top = size * 2.6;
  const bar = { x: width - 1 - 110, y: 1, width: 110, height: size };
  drawColourBar(drawing, bar, { limit: 1, threshold: style.threshold, palette: style.palette }, size - 1, 'share');
  drawing.text(1, size * 1.1, fitText(style.title, width - 130, size, true), { size, bold: true });
  drawing.text(1, size * 2.2, 'share of each map’s own limit, its 99.5th percentile', { size: size - 1, fill: QUIET });
  for (const [i, { fbn, map, note }] of maps.entries()) {
    const [x, y] = [1 + (i % columns) * (cell + gap), top + Math.floor(i / columns) * rowHeight];
    drawing.text(x, y + size, `FBN ${fbn}`, { size, bold: true, fill: BRAIN_TEXT });
    drawing.text(x + cell, y + size, fitText(note, cell * 0.65, size), { size, anchor: 'end', fill: QUIET });
    const limit = sizePercentile(map, 0.995) || 1;
    const frame = { x, y: y + size * 1.4, width: cell, height: rowHeight - size * 1.6 };
    const colours = { limit, threshold: limit * style.threshold, palette: style.palette };
    painter.drawMosaic(drawing, frame, map, heights, colours, size - 1);
  }
  return drawing.scene(width, top + Math.ceil(maps.length / columns) * rowHeight, style.title);
}
