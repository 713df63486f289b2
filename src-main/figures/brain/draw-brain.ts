import { QUIET, divergingColour, INK } from '../drawing/colours';
import type { Frame } from '../drawing/axes';
import { POINTS_PER_MM, type Drawing, type Raster } from '../drawing/scene';
import { textWidth } from '../drawing/fonts';
import { cutLabel, cutPlace, cutSize, paintCut, type MapColours, type Plane, type Sample } from './cut';
import { GlassBrain } from './glass';
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
/** Between cuts side by side, in points. */
const GAP_OF_CUTS = 3;

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
    const { widths, heights, scale: widest } = this.threeCuts(frame.width);
    const scale = Math.min(widest, (frame.height - size * 1.4) / Math.max(...heights));
    // Feet on one line; what is left of the frame is shared above and below.
    const tallest = Math.max(...heights) * scale;
    const floor = frame.y + (frame.height - size * 1.4 - tallest) / 2 + tallest;
    let x = frame.x;
    for (const [i, plane] of planes.entries()) {
      const at = { x, y: floor - heights[i]! * scale, width: widths[i]! * scale, height: heights[i]! * scale };
      this.drawCut(drawing, at, plane, cutPlace(plane, point), map, colours, size);
      x += at.width + GAP_OF_CUTS;
    }
  }

  /** How high a frame must be for three cuts as wide as it. @param size of their text */
  heightOfThreeCuts(width: number, size: number): number {
    const { heights, scale } = this.threeCuts(width);
    return scale * Math.max(...heights) + size * 1.4;
  }

  /** Sizes in mm, and points per mm where the three fill a width. */
  private threeCuts(width: number): { widths: number[]; heights: number[]; scale: number } {
    const sizes = planes.map((plane) => cutSize(plane, this.box));
    const widths = sizes.map((one) => one.width);
    const room = width - GAP_OF_CUTS * (planes.length - 1);
    return { widths, heights: sizes.map(({ height }) => height), scale: room / widths.reduce((sum, one) => sum + one, 0) };
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
    const raster = glass
      ? this.paintGlass(options, map, colours)
      : paintCut(options, this.read(map).sample, this.background, colours);
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

  private glass: GlassBrain | undefined;

  private paintGlass(
    options: { plane: Plane; pixelsPerMm: number; radiological: boolean },
    map: ArrayLike<number>,
    colours: MapColours,
  ): Raster {
    const { voxels } = this.brain;
    this.glass ??= new GlassBrain(this.box, this.sampleOf(new Float32Array(voxels.length).fill(1)));
    const read = this.read(map);
    read.views ??= this.glass.views(read.sample);
    // A projection has no edges finer than half a millimetre.
    const pixelsPerMm = Math.min(2, options.pixelsPerMm);
    return this.glass.paint({ ...options, pixelsPerMm }, read.views[options.plane], colours);
  }

  private lastMap: { of: ArrayLike<number>; sample: Sample; views?: ReturnType<GlassBrain['views']> } | undefined;

  /** A map as a volume that can be read anywhere, and through a glass brain; the cuts of one map share both. */
  private read(map: ArrayLike<number>): NonNullable<typeof this.lastMap> {
    if (this.lastMap?.of !== map) this.lastMap = { of: map, sample: this.sampleOf(map) };
    return this.lastMap;
  }

  private sampleOf(map: ArrayLike<number>): Sample {
    const { grid, voxels } = this.brain;
    const values = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]).fill(NaN);
    for (let n = 0; n < voxels.length; n++) values[voxels[n]!] = map[n]!;
    return sampler({ grid, values });
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
  // Where the words leave no room, the number is what is needed.
  const room = bar.width - textWidth(text(-limit), size) - textWidth(text(limit), size) - 4;
  const shown = [`|${label}| ≥ ${text(threshold)}`, `≥ ${text(threshold)}`].find((one) => textWidth(one, size) <= room);
  if (shown) drawing.text(bar.x + bar.width / 2, baseline, shown, { size, anchor: 'middle', fill: QUIET });
}
