import type { Raster } from '../drawing/scene';
import { cutSize, paintPixel, type MapColours, type Plane, type Sample } from './cut';
import type { Box } from './volume';

/** Steps through the brain, in mm. */
const STEP = 2;

/** What is seen of a brain from one side, on a grid of STEP mm: x across from the left, y up from below, of the box. */
interface View {
  width: number;
  height: number;
  values: Float32Array;
}

/** Axes of the world that run across, up, and along the line of sight. */
const sides: Record<Plane, readonly [across: 0 | 1 | 2, up: 0 | 1 | 2, along: 0 | 1 | 2]> = {
  axial: [0, 1, 2],
  coronal: [0, 2, 1],
  sagittal: [1, 2, 0],
};

/** A brain that can be looked through: where it is, and how thick it is along every line of sight. */
export class GlassBrain {
  private readonly size: readonly [number, number, number];
  /** Whether there is brain, x fastest. */
  private readonly inside: Uint8Array;
  private readonly silhouettes: Record<Plane, { thickness: View; outline: View }>;

  /** @param inside a number where there is brain, NaN elsewhere */
  constructor(
    private readonly box: Box,
    inside: Sample,
  ) {
    const steps = (axis: 0 | 1 | 2) => Math.max(1, Math.round((box.high[axis] - box.low[axis]) / STEP));
    this.size = [steps(0), steps(1), steps(2)];
    this.inside = new Uint8Array(this.size[0] * this.size[1] * this.size[2]);
    this.eachPoint((place, x, y, z) => (this.inside[place] = Number.isNaN(inside(x, y, z)) ? 0 : 1));
    const silhouette = (plane: Plane) => {
      const thickness = this.project(plane, (view, at, place) => (view[at]! += this.inside[place]! * STEP));
      return { thickness, outline: outlineOf(thickness) };
    };
    this.silhouettes = { axial: silhouette('axial'), coronal: silhouette('coronal'), sagittal: silhouette('sagittal') };
  }

  /** Of every line of sight the value largest in size, from all three sides; 0 where it meets none. */
  views(map: Sample): Record<Plane, View> {
    const values = new Float32Array(this.inside.length).fill(NaN);
    this.eachPoint((place, x, y, z) => {
      if (this.inside[place] === 1) values[place] = map(x, y, z);
    });
    const strongest = (plane: Plane) =>
      this.project(plane, (into, at, place) => {
        const value = values[place]!;
        // A line of sight that met nothing yet holds 0, which nothing is smaller than.
        if (Math.abs(value) > Math.abs(into[at]!)) into[at] = value;
      });
    return { axial: strongest('axial'), coronal: strongest('coronal'), sagittal: strongest('sagittal') };
  }

  /** One view in colour over the brain's silhouette, read between the lines of sight. */
  paint(
    { plane, pixelsPerMm, radiological }: { plane: Plane; pixelsPerMm: number; radiological: boolean },
    view: View,
    colours: MapColours,
  ): Raster {
    const size = cutSize(plane, this.box);
    const [width, height] = [
      Math.max(1, Math.round(size.width * pixelsPerMm)),
      Math.max(1, Math.round(size.height * pixelsPerMm)),
    ];
    const rgba = new Uint8Array(width * height * 4);
    const { thickness, outline } = this.silhouettes[plane];
    const mirrored = radiological && plane !== 'sagittal';
    for (let row = 0; row < height; row++) {
      const up = (1 - (row + 0.5) / height) * view.height - 0.5;
      for (let column = 0; column < width; column++) {
        const share = (column + 0.5) / width;
        const across = (mirrored ? 1 - share : share) * view.width - 0.5;
        const depth = between(thickness, across, up);
        if (depth < STEP / 2) continue;
        const isOutline = between(outline, across, up) > 0.4;
        // Thin parts are darker; full brain is nearly white.
        const brightness = isOutline ? 0 : 0.6 + 0.4 * Math.min(1, depth / 60);
        const value = isOutline ? 0 : signedBetween(view, across, up);
        paintPixel(rgba, (row * width + column) * 4, value, brightness, colours);
      }
    }
    return { width, height, rgba };
  }

  private eachPoint(visit: (place: number, x: number, y: number, z: number) => void): void {
    const [nx, ny, nz] = this.size;
    const [left, back, bottom] = this.box.low;
    let place = 0;
    for (let k = 0; k < nz; k++)
      for (let j = 0; j < ny; j++)
        for (let i = 0; i < nx; i++) visit(place++, left + (i + 0.5) * STEP, back + (j + 0.5) * STEP, bottom + (k + 0.5) * STEP);
  }

  private project(plane: Plane, add: (view: Float32Array, at: number, place: number) => void): View {
    const [across, up, along] = sides[plane];
    const strides = [1, this.size[0], this.size[0] * this.size[1]] as const;
    const [width, height] = [this.size[across], this.size[up]];
    const values = new Float32Array(width * height);
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        const start = u * strides[across] + v * strides[up];
        for (let depth = 0; depth < this.size[along]; depth++) add(values, v * width + u, start + depth * strides[along]);
      }
    return { width, height, values };
  }
}

/** 1 along the edge of what is thicker than nothing, 0 elsewhere. */
function outlineOf({ width, height, values }: View): View {
  const isBrain = (u: number, v: number) => u >= 0 && v >= 0 && u < width && v < height && values[v * width + u]! > 0;
  const edge = Float32Array.from(values, (_, at) => {
    const [u, v] = [at % width, Math.floor(at / width)];
    const isInner = isBrain(u - 1, v) && isBrain(u + 1, v) && isBrain(u, v - 1) && isBrain(u, v + 1);
    return isBrain(u, v) && !isInner ? 1 : 0;
  });
  return { width, height, values: edge };
}

/** What is largest in size is smoothed in size: between a high and a low value lies no value near 0. The sign is the nearest one's. */
function signedBetween({ width, height, values }: View, across: number, up: number): number {
  const u = Math.max(0, Math.min(width - 1, Math.round(across)));
  const v = Math.max(0, Math.min(height - 1, Math.round(up)));
  return Math.sign(values[v * width + u]!) * between({ width, height, values }, across, up, Math.abs);
}

/** Between the four lines of sight around a place, in steps; the edge goes on outside. */
function between({ width, height, values }: View, across: number, up: number, of = (value: number) => value): number {
  const x = Math.max(0, Math.min(width - 1, across));
  const y = Math.max(0, Math.min(height - 1, up));
  const [x0, y0] = [Math.min(width - 1, Math.floor(x)), Math.min(height - 1, Math.floor(y))];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [u, v] = [x - x0, y - y0];
  const low = of(values[y0 * width + x0]!) * (1 - u) + of(values[y0 * width + x1]!) * u;
  const high = of(values[y1 * width + x0]!) * (1 - u) + of(values[y1 * width + x1]!) * u;
  return low * (1 - v) + high * v;
}
