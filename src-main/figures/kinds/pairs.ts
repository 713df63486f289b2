import { toZScores } from '../../coupling/series';
import { drawAxes, type Frame } from '../drawing/axes';
import { drawColourBar, type BrainPainter } from '../brain/draw-brain';
import { sizePercentile } from '../brain/volume';
import { BRAIN, BRAIN_TEXT, HAIRLINE, NETWORK, NETWORK_TEXT, QUIET } from '../drawing/colours';
import { breakAtComma, fitText, textWidth } from '../drawing/fonts';
import { signed } from '../drawing/numbers';
import { Drawing, POINTS_PER_MM, type Raster, type Scene } from '../drawing/scene';

/** One pair as its row shows it. */
export interface PairRow {
  fbn: number;
  filter: number;
  model: string;
  layer: string;
  movieRun: string;
  /** One value per voxel of the mask. */
  map: Float32Array;
  /** Activations over the movie run, of equal length. */
  brain: Float32Array;
  network: Float32Array;
  trSeconds: number;
  r: number;
  /** What is said of its significance, such as "p < 0.001 (t-test)". */
  significance: string;
  terms: { term: string; r: number }[];
  label: string | null;
  frames: { raster: Raster; seconds: number }[];
  images: Raster[];
}

export interface PairFigureStyle {
  widthMm: number;
  rowHeightMm: number;
  fontSize: number;
  /** Share of each map's limit below which nothing is drawn. */
  threshold: number;
  palette: 'blue-red' | 'purple-orange';
  /** Letters A, B, C … before the rows. */
  letters: boolean;
  title: string;
}

const GAP = 9;

/**
 * The panels of the paper's Figures 4–10: map and terms of the FBN, both activations over the movie, most activating frames, label
 * and representative images of the filter; a row per pair.
 */
export function drawPairs(rows: readonly PairRow[], painter: BrainPainter, style: PairFigureStyle): Scene {
  const drawing = new Drawing();
  const { fontSize: size } = style;
  const width = style.widthMm * POINTS_PER_MM;
  const rowHeight = style.rowHeightMm * POINTS_PER_MM;
  const indent = style.letters ? size * 2 : 0;
  const columns = columnsOf(width - indent - 2, 1 + indent);
  const top = size * 2.2;
  for (const [i, text, fill] of [[0, 'FBN', BRAIN_TEXT] as const, [2, 'Filter', NETWORK_TEXT] as const])
    drawing.text(columns[i]!.x, size * 1.2, text, { size, bold: true, fill });
  drawActivationsHead(drawing, columns[1]!, size);
  for (const [i, row] of rows.entries()) {
    const y = top + i * (rowHeight + GAP);
    if (i > 0) drawing.line([1, y - GAP / 2, width - 1, y - GAP / 2], { stroke: HAIRLINE, strokeWidth: 0.35 });
    if (style.letters) drawing.text(1, y + size, letter(i), { size: size + 1, bold: true });
    const [left, middle, right] = columns.map((column) => ({ ...column, y, height: rowHeight })) as [Frame, Frame, Frame];
    drawBrainSide(drawing, left, row, painter, style);
    drawActivations(drawing, middle, row, size);
    drawNetworkSide(drawing, right, row, size);
  }
  return drawing.scene(width, top + rows.length * (rowHeight + GAP), style.title);
}

function columnsOf(width: number, x: number): { x: number; width: number }[] {
  const shares = [0.27, 0.42, 0.31];
  const inner = width - 2 * GAP;
  return shares.map((share, i) => ({
    x: x + shares.slice(0, i).reduce((sum, one) => sum + one * inner + GAP, 0),
    width: share * inner,
  }));
}

/** The column's name, and which line is whose; both shorter in a narrow column. */
function drawActivationsHead(drawing: Drawing, { x, width }: { x: number; width: number }, size: number): void {
  const y = size * 1.2;
  const ends = [
    ['filter', NETWORK, [2.4, 1.4]],
    ['FBN', BRAIN, undefined],
  ] as const;
  const name = 'Synchronized activations';
  const isNarrow = width < textWidth(name, size, true) + textWidth('filter FBN', size) + 60;
  const length = isNarrow ? 9 : 14;
  drawing.text(x, y, isNarrow ? 'Activations' : name, { size, bold: true });
  let right = x + width;
  for (const [text, stroke, dash] of ends) {
    drawing.text(right, y, text, { size, anchor: 'end', fill: QUIET });
    right -= textWidth(text, size) + 3;
    drawing.line([right - length, y - size * 0.35, right, y - size * 0.35], { stroke, strokeWidth: 1, ...(dash && { dash }) });
    right -= length + (isNarrow ? 4 : 8);
  }
}

function drawBrainSide(drawing: Drawing, frame: Frame, row: PairRow, painter: BrainPainter, style: PairFigureStyle): void {
  const { fontSize: size } = style;
  const limit = sizePercentile(row.map, 0.995) || 1;
  const colours = { limit, threshold: limit * style.threshold, palette: style.palette };
  drawing.text(frame.x, frame.y + size, `FBN ${row.fbn}`, { size, bold: true, fill: BRAIN_TEXT });
  const bar = { x: frame.x + frame.width * 0.42, y: frame.y + 2, width: frame.width * 0.58, height: size };
  drawColourBar(drawing, bar, colours, size - 1, 'weight');
  const { terms } = row;
  const termsHeight = terms.length * (size * 1.35) + (terms.length > 0 ? 3 : 0);
  const head = size * 2.6;
  const cuts = { x: frame.x, y: frame.y + head, width: frame.width, height: frame.height - head - termsHeight };
  painter.drawThreeCuts(drawing, cuts, row.map, painter.peak(row.map), colours, size - 1);
  const widest = Math.max(...terms.map(({ r }) => Math.abs(r)), 0.01);
  for (const [i, { term, r }] of terms.entries()) {
    const baseline = frame.y + frame.height - termsHeight + 3 + (i + 0.85) * size * 1.35;
    // In a narrow column the words need the room of the bars.
    const barStart = frame.x + frame.width * (frame.width < 100 ? 0.84 : 0.66);
    const value = signed(r, 2);
    drawing.text(frame.x, baseline, fitText(term, barStart - 8 - textWidth(value, size) - frame.x, size), { size });
    drawing.text(barStart - 4, baseline, value, { size, anchor: 'end' });
    const length = (Math.abs(r) / widest) * (frame.x + frame.width - barStart);
    drawing.rectangle(barStart, baseline - size * 0.72, length, size * 0.75, { fill: BRAIN, opacity: r < 0 ? 0.45 : 1 });
  }
}

function drawActivations(drawing: Drawing, frame: Frame, row: PairRow, size: number): void {
  const r = `r = ${signed(row.r, 3)}`;
  drawing.text(frame.x, frame.y + size, r, { size, bold: true });
  const after = textWidth(r, size, true) + 5;
  const lines = breakAtComma(row.significance, frame.width - after, size);
  for (const [i, line] of lines.entries())
    drawing.text(frame.x + after, frame.y + size * (1 + 1.25 * i), fitText(line, frame.width - after, size), { size });
  const head = size * (0.35 + 1.25 * lines.length);
  const [brain, network] = [zScores(row.brain), zScores(row.network)];
  const values = [...brain, ...network].filter(Number.isFinite);
  const reach = Math.max(1, ...values.map(Math.abs));
  const plot = { x: frame.x, y: frame.y + head, width: frame.width, height: frame.height - head };
  const axes = drawAxes(drawing, plot, {
    ...{ xDomain: [0, brain.length * row.trSeconds], yDomain: [-reach, reach], nice: false },
    ...{ xLabel: fitText(`time in ${row.movieRun} (s)`, frame.width * 0.8, size), yLabel: 'activation (z)', fontSize: size },
  });
  const curve = (series: Float64Array) =>
    Float64Array.from({ length: series.length * 2 }, (_, i) =>
      i % 2 === 0 ? axes.x((i / 2 + 0.5) * row.trSeconds) : axes.y(series[(i - 1) / 2]!),
    );
  drawing.line(curve(network), { stroke: NETWORK, strokeWidth: 0.6, dash: [2.4, 1.4] });
  drawing.line(curve(brain), { stroke: BRAIN, strokeWidth: 0.6 });
}

function drawNetworkSide(drawing: Drawing, frame: Frame, row: PairRow, size: number): void {
  const name = `${row.model} ${row.layer} · ${row.filter}`;
  drawing.text(frame.x, frame.y + size, fitText(name, frame.width, size, true), { size, bold: true, fill: NETWORK_TEXT });
  let y = frame.y + size * 1.5;
  if (row.label !== null) {
    for (const line of breakAtComma(row.label, frame.width, size)) {
      drawing.text(frame.x, y + size, fitText(line, frame.width, size), { size });
      y += size * 1.25;
    }
    y += size * 0.35;
  }
  const strips = [
    ...(row.frames.length > 0
      ? [
          {
            title: 'most activating frames',
            rasters: row.frames.map(({ raster }) => raster),
            times: row.frames.map(({ seconds }) => seconds),
          },
        ]
      : []),
    ...(row.images.length > 0 ? [{ title: 'representative images', rasters: row.images, times: [] }] : []),
  ];
  const height = (frame.y + frame.height - y) / Math.max(1, strips.length);
  for (const { title, rasters, times } of strips) {
    drawing.text(frame.x, y + size, title, { size: size - 0.5, fill: QUIET });
    drawStrip(
      drawing,
      { x: frame.x, y: y + size * 1.5, width: frame.width, height: height - size * 1.7 },
      rasters,
      times,
      size - 1,
    );
    y += height;
  }
}

/** Pictures side by side, as large as fit, in one or two lines; the second each comes from below it. */
function drawStrip(drawing: Drawing, frame: Frame, rasters: readonly Raster[], times: readonly number[], size: number): void {
  const aspect = Math.max(...rasters.map(({ width, height }) => width / height));
  const caption = times.length > 0 ? size * 1.3 : 0;
  const best = [1, 2, 3]
    .map((lines) => {
      const perLine = Math.ceil(rasters.length / lines);
      const width = Math.min((frame.width - (perLine - 1) * 2) / perLine, (frame.height / lines - caption - 1) * aspect);
      return { perLine, width };
    })
    .reduce((one, other) => (other.width > one.width * 1.05 ? other : one));
  const height = best.width / aspect;
  for (const [i, raster] of rasters.entries()) {
    const x = frame.x + (i % best.perLine) * (best.width + 2);
    const y = frame.y + Math.floor(i / best.perLine) * (height + caption + 1);
    const shown = Math.min(height, best.width / (raster.width / raster.height));
    drawing.image(x, y, shown * (raster.width / raster.height), shown, raster, true);
    if (times[i] !== undefined)
      drawing.text(x + best.width / 2, y + height + size, clock(times[i]), { size, anchor: 'middle', fill: QUIET });
  }
}

/** "5:12" of seconds. */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function letter(i: number): string {
  return i < 26 ? String.fromCharCode(65 + i) : `${letter(Math.floor(i / 26) - 1)}${letter(i % 26)}`;
}

/** z-scores, NaN where the series is constant. */
function zScores(series: Float32Array): Float64Array {
  return toZScores(series) ?? new Float64Array(series.length).fill(NaN);
}
