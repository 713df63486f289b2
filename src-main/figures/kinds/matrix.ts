import { BRAIN_TEXT, HAIRLINE, INK, NETWORK_TEXT, QUIET, hex, isLight, sequentialColour } from '../drawing/colours';
import { drawScale } from '../drawing/colour-scale';
import { fitText, textWidth } from '../drawing/fonts';
import { Drawing, POINTS_PER_MM, type Scene } from '../drawing/scene';

/** One layer of a model: its value in every movie run, null where it is not coupled. */
export interface MatrixRow {
  model: string;
  layer: string;
  values: (number | null)[];
  /** The paper's value of the same cell. */
  published: (number | null)[];
}

export interface MatrixStyle {
  widthMm: number;
  fontSize: number;
  title: string;
  /** What the cells hold: "mean r". */
  measure: string;
}

/** Layers of models by movie runs; the colour says what the number says. */
export function drawMatrix(rows: readonly MatrixRow[], movieRuns: readonly string[], style: MatrixStyle): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const values = rows.flatMap((row) => row.values.filter((value) => value !== null));
  const [low, high] = values.length > 0 ? [Math.min(...values), Math.max(...values)] : [0, 1];
  const nameWidth = Math.min(width * 0.24, Math.max(...rows.map(({ model }) => textWidth(model, size, true))) + 6);
  const layerWidth = Math.min(width * 0.22, Math.max(...rows.map(({ layer }) => textWidth(layer, size))) + 6);
  const left = 1 + nameWidth + layerWidth;
  const cell = { width: Math.min(120, (width - left - 1) / Math.max(1, movieRuns.length)), height: size * 1.9 };
  const top = size * 5.2;
  drawing.text(1, size * 1.1, fitText(style.title, width * 0.6, size, true), { size, bold: true });
  drawScale(drawing, { x: width - 1 - 90, y: 2, width: 90 }, [low, high], size, style.measure);
  for (const [i, run] of movieRuns.entries())
    drawing.text(left + (i + 0.5) * cell.width, top - size * 0.5, fitText(run, cell.width - 2, size), {
      size,
      anchor: 'middle',
      fill: BRAIN_TEXT,
    });
  for (const [i, row] of rows.entries()) {
    const y = top + i * cell.height;
    const isFirst = rows[i - 1]?.model !== row.model;
    if (isFirst) {
      if (i > 0) drawing.line([1, y, left + movieRuns.length * cell.width, y], { stroke: HAIRLINE, strokeWidth: 0.5 });
      drawing.text(1, y + size * 1.3, fitText(row.model, nameWidth - 4, size, true), { size, bold: true, fill: NETWORK_TEXT });
    }
    drawing.text(1 + nameWidth, y + size * 1.3, fitText(row.layer, layerWidth - 4, size), { size });
    for (const [k, value] of row.values.entries()) {
      const x = left + k * cell.width;
      if (value === null) {
        drawing.text(x + cell.width / 2, y + size * 1.3, '–', { size, anchor: 'middle', fill: QUIET });
        continue;
      }
      const colour = sequentialColour(high > low ? (value - low) / (high - low) : 0.5);
      drawing.rectangle(x + 0.5, y + 0.5, cell.width - 1, cell.height - 1, { fill: hex(colour) });
      const published = row.published[k];
      const text =
        published === null || published === undefined ? value.toFixed(3) : `${value.toFixed(3)} (${published.toFixed(3)})`;
      drawing.text(x + cell.width / 2, y + size * 1.3, fitText(text, cell.width - 3, size), {
        ...{ size, anchor: 'middle', fill: isLight(colour) ? INK : '#ffffff' },
      });
    }
  }
  const note = footnote(rows);
  const bottom = top + rows.length * cell.height + (note ? size * 1.6 : 0);
  drawing.text(1, bottom, note, {
    size: size - 0.5,
    fill: QUIET,
  });
  return drawing.scene(width, bottom + size * 0.6, style.title);
}

/** What the marks in the cells mean, of those that are there. */
function footnote(rows: readonly MatrixRow[]): string {
  const isPublished = rows.some(({ published }) => published.some((value) => value !== null));
  const isPartial = rows.some(({ values }) => values.includes(null));
  return [
    ...(isPublished ? ['In brackets: published by Zhao et al. 2022 for the same cell.'] : []),
    ...(isPartial ? ['–: not coupled.'] : []),
  ].join(' ');
}
