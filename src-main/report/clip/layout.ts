import { toZScores } from '../../coupling/series';
import { drawColourBar, type BrainPainter } from '../../figures/brain/draw-brain';
import { sizePercentile } from '../../figures/brain/volume';
import { drawAxes } from '../../figures/drawing/axes';
import { BRAIN, BRAIN_TEXT, INK, NETWORK, NETWORK_TEXT, QUIET } from '../../figures/drawing/colours';
import { fitText, textWidth } from '../../figures/drawing/fonts';
import { Drawing, type Scene } from '../../figures/drawing/scene';

/** A video's size; one point of the drawing is one pixel. */
export const CLIP = { width: 1280, height: 720 } as const;
const MARGIN = 24;
const HEAD = 64;
const SIZE = 16;
const MOVIE_WIDTH = 620;
const TRACE_HEIGHT = 208;

/** What stands still in a clip. */
export interface ClipContent {
  fbn: number;
  filter: number;
  model: string;
  layer: string;
  movieRun: string;
  r: number;
  significance: string;
  terms: { term: string; r: number }[];
  label: string | null;
  /** [voxels] */
  map: Float32Array;
  /** Activations over the whole movie run; they are z-scored over it. */
  brain: Float32Array;
  network: Float32Array;
  trSeconds: number;
  /** The stretch that the clip shows. */
  fromSeconds: number;
  toSeconds: number;
  /** Of the movie's picture. */
  aspect: number;
}

/** A place in the picture, in whole pixels. */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What stands still, and where the movie and the cursor move on it. */
export interface ClipLayout {
  scene: Scene;
  movie: Place;
  /** The plot: the cursor goes through it from left to right. */
  plot: Place;
}

/** Movie and map side by side, beneath them the activations of the stretch. */
export function layOutClip(content: ClipContent, painter: BrainPainter): ClipLayout {
  const drawing = new Drawing();
  const stage = { y: HEAD, height: CLIP.height - HEAD - TRACE_HEIGHT - MARGIN };
  const movie = placeMovie(content.aspect, stage);
  drawHead(drawing, content);
  drawMap(drawing, content, painter, {
    ...{ x: MARGIN + MOVIE_WIDTH + MARGIN, y: stage.y, height: stage.height },
    width: CLIP.width - MOVIE_WIDTH - 3 * MARGIN,
  });
  const plot = drawTraces(drawing, content);
  return { scene: drawing.scene(CLIP.width, CLIP.height, titleOf(content)), movie, plot };
}

export function titleOf({ fbn, model, layer, filter }: Pick<ClipContent, 'fbn' | 'model' | 'layer' | 'filter'>): string {
  return `FBN ${fbn} and filter ${filter} of ${model} ${layer}`;
}

/** As large as its place allows; even numbers of pixels, as video codecs want them. */
function placeMovie(aspect: number, { y, height }: { y: number; height: number }): Place {
  const even = (length: number) => 2 * Math.floor(length / 2);
  const width = even(Math.min(MOVIE_WIDTH, height * aspect));
  const tall = even(Math.min(height, width / aspect));
  return { x: MARGIN + even((MOVIE_WIDTH - width) / 2), y: y + even((height - tall) / 2), width, height: tall };
}

function drawHead(drawing: Drawing, { fbn, filter, model, layer, label, movieRun, r, significance }: ClipContent): void {
  const y = 38;
  const brain = `FBN ${fbn}`;
  drawing.text(MARGIN, y, brain, { size: SIZE, bold: true, fill: BRAIN_TEXT });
  let x = MARGIN + textWidth(brain, SIZE, true) + 16;
  const name = fitText([`${model} ${layer} · ${filter}`, ...(label === null ? [] : [label])].join(' · '), 560, SIZE, true);
  drawing.text(x, y, name, { size: SIZE, bold: true, fill: NETWORK_TEXT });
  x += textWidth(name, SIZE, true) + 16;
  const numbers = `r = ${r.toFixed(3).replace('-', '−')}, ${significance} · ${movieRun}`;
  drawing.text(x, y, fitText(numbers, CLIP.width - MARGIN - x, SIZE - 2), { size: SIZE - 2, fill: QUIET });
}

function drawMap(drawing: Drawing, { map, terms }: ClipContent, painter: BrainPainter, frame: Place): void {
  const limit = sizePercentile(map, 0.995) || 1;
  const colours = { limit, threshold: 0.4 * limit, palette: 'blue-red' as const };
  const bar = 36;
  const words = terms.length > 0 ? 28 : 0;
  const cuts = { ...frame, height: frame.height - bar - words };
  painter.drawThreeCuts(drawing, cuts, map, painter.peak(map), colours, SIZE - 3);
  const below = frame.y + frame.height - bar - words + 6;
  drawColourBar(drawing, { x: frame.x, y: below, width: frame.width, height: 12 }, colours, SIZE - 4, 'weight');
  const text = terms.map(({ term, r }) => `${term} ${r.toFixed(2).replace('-', '−')}`).join(' · ');
  drawing.text(frame.x, frame.y + frame.height - 4, fitText(text, frame.width, SIZE - 2), { size: SIZE - 2, fill: BRAIN_TEXT });
}

function drawTraces(drawing: Drawing, content: ClipContent): Place {
  const { trSeconds, fromSeconds, toSeconds } = content;
  const z = (series: Float32Array) => toZScores(series) ?? new Float64Array(series.length).fill(NaN);
  const [brain, network] = [z(content.brain), z(content.network)];
  // Points stand in the middle of their TR.
  const first = Math.max(0, Math.floor(fromSeconds / trSeconds - 0.5));
  const last = Math.min(brain.length - 1, Math.ceil(toSeconds / trSeconds - 0.5));
  const shown = [...brain.subarray(first, last + 1), ...network.subarray(first, last + 1)].filter(Number.isFinite);
  const reach = Math.max(1, ...shown.map(Math.abs));
  const outer = { x: MARGIN, y: CLIP.height - TRACE_HEIGHT, width: CLIP.width - 2 * MARGIN, height: TRACE_HEIGHT - 8 };
  const { x, y, frame } = drawAxes(drawing, outer, {
    ...{ xDomain: [fromSeconds, toSeconds], yDomain: [-reach, reach], nice: false },
    ...{ xLabel: 'movie time (s)', yLabel: 'activation (z)', fontSize: SIZE - 3 },
  });
  const curve = (series: Float64Array) =>
    [fromSeconds, ...Array.from({ length: last - first + 1 }, (_, i) => (first + i + 0.5) * trSeconds), toSeconds]
      .filter((seconds) => seconds >= fromSeconds && seconds <= toSeconds)
      .flatMap((seconds) => [x(seconds), y(valueAt(series, seconds / trSeconds - 0.5))]);
  drawing.line(curve(network), { stroke: NETWORK, strokeWidth: 2, dash: [7, 4] });
  drawing.line(curve(brain), { stroke: BRAIN, strokeWidth: 2 });
  drawing.text(frame.x + frame.width, outer.y + 2, '— FBN   – – filter', { size: SIZE - 3, anchor: 'end', fill: INK });
  const whole = (value: number) => Math.round(value);
  return { x: whole(frame.x), y: whole(frame.y), width: whole(frame.width), height: whole(frame.height) };
}

/** Between two points on the line that joins them; before the first and after the last their own. */
function valueAt(series: Float64Array, place: number): number {
  const kept = Math.max(0, Math.min(series.length - 1, place));
  const [low, high] = [Math.floor(kept), Math.ceil(kept)];
  return series[low]! + (kept - low) * (series[high]! - series[low]!);
}
