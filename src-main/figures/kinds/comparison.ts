import { drawColourBar, type BrainPainter } from '../brain/draw-brain';
import { BRAIN_TEXT, HAIRLINE, QUIET } from '../drawing/colours';
import { fitText } from '../drawing/fonts';
import { signed } from '../drawing/numbers';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';

/** One embedding of a comparison. */
export interface ComparedEmbedding {
  name: string;
  fbns: number;
  /** |weight| from which on voxels are drawn, and from which on the colour no longer changes. */
  threshold: number;
  limit: number;
  /** Mean |r| of its maps with those of the first embedding that they are matched to; null for the first. */
  meanR: number | null;
}

/** An FBN of an embedding and how alike it is to the first embedding's FBN of its row. */
export interface MatchedFbn {
  fbn: number;
  map: Float32Array;
  /** Of the maps; null in the first embedding. Where it is below 0 the map's sign was turned. */
  r: number | null;
}

export interface ComparisonStyle {
  widthMm: number;
  fontSize: number;
  rowHeightMm: number;
  palette: 'blue-red' | 'purple-orange';
  title: string;
  /** In percent, of the averaged histogram. */
  percentiles: readonly [number, number];
}

const GAP = 8;

/**
 * The paper's Figure 11: FBNs of embeddings side by side, a column each, matched one to one; all maps of a row are cut at the peak of
 * the first embedding's.
 * @param rows for every row an FBN of each embedding; null where one has none left
 */
export function drawComparison(
  embeddings: readonly ComparedEmbedding[],
  rows: readonly (MatchedFbn | null)[][],
  painter: BrainPainter,
  style: ComparisonStyle,
): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const cell = (width - 2 - (embeddings.length - 1) * GAP) / embeddings.length;
  const across = (column: number) => 1 + column * (cell + GAP);
  const cuts = Math.min(painter.heightOfThreeCuts(cell, size - 1), style.rowHeightMm * POINTS_PER_MM - size * 1.5);
  const rowHeight = size * 1.5 + cuts + 4;
  const top = size * 8.4;
  drawing.text(1, size * 1.1, fitText(style.title, width - 2, size, true), { size, bold: true });
  const [from, to] = style.percentiles;
  const shown = `voxels from the ${ordinal(from)} percentile of the averaged histogram of |weight| on, full colour at the ${ordinal(to)}`;
  drawing.text(1, size * 2.3, fitText(shown, width - 2, size - 1), { size: size - 1, fill: QUIET });
  for (const [column, embedding] of embeddings.entries()) {
    const x = across(column);
    drawing.text(x, size * 4, fitText(embedding.name, cell, size, true), { size, bold: true });
    const about = embedding.meanR === null ? `${embedding.fbns} FBNs` : `mean |r| of matched maps ${signed(embedding.meanR, 2)}`;
    drawing.text(x, size * 5.2, fitText(about, cell, size - 0.5), { size: size - 0.5, fill: QUIET });
    const bar = { x, y: size * 5.8, width: Math.min(cell, 110), height: size };
    drawColourBar(drawing, bar, { ...embedding, palette: style.palette }, size - 1, 'weight');
  }
  for (const [i, row] of rows.entries()) {
    const y = top + i * rowHeight;
    if (i > 0) drawing.line([1, y - 2, width - 1, y - 2], { stroke: HAIRLINE, strokeWidth: 0.35 });
    const peak = painter.peak(row[0]!.map);
    for (const [column, found] of row.entries()) {
      const x = across(column);
      if (!found) {
        drawing.text(x, y + size, 'none left', { size, fill: QUIET });
        continue;
      }
      drawing.text(x, y + size, `FBN ${found.fbn}`, { size, bold: true, fill: BRAIN_TEXT });
      if (found.r !== null)
        drawing.text(x + cell, y + size, `r = ${signed(found.r, 2)}${found.r < 0 ? ', sign turned' : ''}`, {
          size,
          anchor: 'end',
        });
      const frame = { x, y: y + size * 1.5, width: cell, height: cuts };
      const { threshold, limit } = embeddings[column]!;
      painter.drawThreeCuts(drawing, frame, found.map, peak, { threshold, limit, palette: style.palette }, size - 1);
    }
  }
  return drawing.scene(width, top + rows.length * rowHeight, style.title);
}

/** "40th", "1st", "99th", "99.5th". */
function ordinal(value: number): string {
  const last = value % 100;
  const isTeen = last > 10 && last < 14;
  const ending = (!isTeen && Number.isInteger(value) && ['th', 'st', 'nd', 'rd'][value % 10]) || 'th';
  return `${value}${ending}`;
}
