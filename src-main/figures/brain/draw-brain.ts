import { QUIET, divergingColour, INK } from '../drawing/colours';
import type { Frame } from '../drawing/axes';
import { POINTS_PER_MM, type Drawing } from '../drawing/scene';
import { textWidth } from '../drawing/fonts';
import { cutLabel, cutPlace, cutSize, paintCut, type MapColours, type Plane } from './cut';
import { paintGlass } from './glass';
import { boxAround, peakOf, sampler, type Box, type Point, type Volume } from './volume';

/** A brain to draw maps on. */
export interface Brain {
  /** Grid indices of the mask's voxels, in the order of every map. */
  voxels: Int32Array;
  grid: Volume['grid'];
  /** Brightness in [0, 1]; NaN outside. Any grid. */
  background: Volume;
}

/** How maps are drawn in a figure. */
export interface BrainStyle {
  /** Raster pixels per inch on paper. */
  dpi: number;
  palette: MapColours['palette'];
  radiological: boolean;
  glass: boolean;
}

const planes: readonly Plane[] = ['axial', 'coronal', 'sagittal'];

/** Draws maps of one brain; knows its samplers. */
export class BrainPainter {
  private readonly background;
  private readonly box: Box;

  constructor(
    private readonly brain: Brain,
    private readonly style: BrainStyle,
  ) {
    this.background = sampler(brain.background);
    this.box = boxAround(brain.grid, brain.voxels);
  }

  peak(map: ArrayLike<number>): Point {
    return peakOf(map, this.brain.voxels, this.brain.grid);
  }

  /** Three cuts through a point side by side, each with its coordinate; as large as the frame allows. */
  drawThreeCuts(drawing: Drawing, frame: Frame, map: ArrayLike<number>, point: Point, colours: MapColours, size: number): void {
    const widths = planes.map((plane) => cutSize(plane, this.box).width);
    const heights = planes.map((plane) => cutSize(plane, this.box).height);
    const gap = 3;
    const scale = Math.min(
      (frame.width - 2 * gap) / widths.reduce((sum, one) => sum + one, 0),
      (frame.height - size * 1.4) / Math.max(...heights),
    );
    // Feet on one line; what is left of the frame is shared above and below.
    const tallest = Math.max(...heights) * scale;
    const floor = frame.y + (frame.height - size * 1.4 - tallest) / 2 + tallest;
    let x = frame.x;
    for (const [i, plane] of planes.entries()) {
      const at = { x, y: floor - heights[i]! * scale, width: widths[i]! * scale, height: heights[i]! * scale };
      this.drawCut(drawing, at, plane, cutPlace(plane, point), map, colours, size);
      x += at.width + gap;
    }
  }

  /** Axial cuts at the heights given, side by side; of a glass brain its three views. */
  drawMosaic(
    drawing: Drawing,
    frame: Frame,
    map: ArrayLike<number>,
    heights: readonly number[],
    colours: MapColours,
    size: number,
  ): void {
    if (this.style.glass) return this.drawThreeCuts(drawing, frame, map, [0, 0, 0], colours, size);
    const { width, height } = cutSize('axial', this.box);
    const scale = Math.min(frame.width / (width * heights.length), (frame.height - size * 1.3) / height);
    for (const [i, mm] of heights.entries()) {
      const at = { x: frame.x + i * width * scale, y: frame.y, width: width * scale, height: height * scale };
      this.drawCut(drawing, at, 'axial', mm, map, colours, size, i === 0);
    }
  }

  /** Axial cuts evenly through the middle seven tenths of the brain, in whole mm. */
  evenCuts(count: number): number[] {
    const [low, high] = [this.box.low[2], this.box.high[2]];
    return Array.from({ length: count }, (_, i) => Math.round(low + (high - low) * (0.15 + (0.7 * (i + 0.5)) / count)));
  }

  private drawCut(
    drawing: Drawing,
    frame: Frame,
    plane: Plane,
    mm: number,
    map: ArrayLike<number>,
    colours: MapColours,
    size: number,
    withSides = true,
  ): void {
    const { dpi, radiological, glass } = this.style;
    const options = { plane, mm, box: this.box, radiological, pixelsPerMm: this.pixelsPerMm(frame, plane, dpi) };
    // A projection has no edges finer than a millimetre, and looks along whole lines of sight.
    if (glass) options.pixelsPerMm = Math.min(1, options.pixelsPerMm);
    const sample = this.sampleMap(map);
    const raster = glass
      ? paintGlass(options, sample, this.background, colours)
      : paintCut(options, sample, this.background, colours);
    drawing.image(frame.x, frame.y, frame.width, frame.height, raster);
    if (!glass)
      drawing.text(frame.x + frame.width / 2, frame.y + frame.height + size, cutLabel(plane, mm), {
        size,
        anchor: 'middle',
        fill: QUIET,
      });
    if (plane === 'sagittal' || !withSides) return;
    const [first, last] = radiological ? ['R', 'L'] : ['L', 'R'];
    drawing.text(frame.x, frame.y + size, first!, { size, fill: INK });
    drawing.text(frame.x + frame.width, frame.y + size, last!, { size, fill: INK, anchor: 'end' });
  }

  private pixelsPerMm(frame: Frame, plane: Plane, dpi: number): number {
    return ((frame.width / POINTS_PER_MM / 25.4) * dpi) / cutSize(plane, this.box).width;
  }

  private lastMap: { of: ArrayLike<number>; sample: ReturnType<typeof sampler> } | undefined;

  /** A map as a volume that can be read anywhere; the cuts of one map share it. */
  private sampleMap(map: ArrayLike<number>): ReturnType<typeof sampler> {
    if (this.lastMap?.of === map) return this.lastMap.sample;
    const { grid, voxels } = this.brain;
    const values = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]).fill(NaN);
    for (let n = 0; n < voxels.length; n++) values[voxels[n]!] = map[n]!;
    const sample = sampler({ grid, values });
    this.lastMap = { of: map, sample };
    return sample;
  }
}

/** A colour bar, lying: numbers at its ends and the middle, notches at the threshold. */
export function drawColourBar(drawing: Drawing, frame: Frame, colours: MapColours, size: number, label: string): void {
  const steps = 256;
  const rgba = new Uint8Array(steps * 4);
  const { threshold, limit, palette } = colours;
  for (let i = 0; i < steps; i++) {
    const value = ((i + 0.5) / steps) * 2 - 1;
    const colour = Math.abs(value) * limit < threshold ? ([236, 238, 241] as const) : divergingColour(palette, value);
    rgba.set([...colour, 255], i * 4);
  }
  const bar = { ...frame, height: size * 0.8 };
  drawing.image(bar.x, bar.y, bar.width, bar.height, { width: steps, height: 1, rgba });
  drawing.rectangle(bar.x, bar.y, bar.width, bar.height, { stroke: INK, strokeWidth: 0.35 });
  const place = (value: number) => bar.x + ((value / limit + 1) / 2) * bar.width;
  for (const value of [-threshold, threshold])
    drawing.line([place(value), bar.y - 1.5, place(value), bar.y + bar.height + 1.5], { stroke: INK, strokeWidth: 0.6 });
  const baseline = bar.y + bar.height + 1 + size;
  const text = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toPrecision(2)}`;
  drawing.text(bar.x, baseline, text(-limit), { size, anchor: 'start' });
  drawing.text(bar.x + bar.width, baseline, text(limit), { size, anchor: 'end' });
  const shown = `|${label}| ≥ ${text(threshold)}`;
  if (textWidth(shown, size) < bar.width * 0.5)
    drawing.text(bar.x + bar.width / 2, baseline, shown, { size, anchor: 'middle', fill: QUIET });
}
