import { setDivergingColour, type DivergingName } from '../drawing/colours';
import type { Raster } from '../drawing/scene';
import type { Box, Point } from './volume';

export type Plane = 'axial' | 'coronal' | 'sagittal';
export type Sample = (x: number, y: number, z: number) => number;

/** How maps are coloured: transparent below the threshold, full colour from the limit on. */
export interface MapColours {
  threshold: number;
  limit: number;
  palette: DivergingName;
}

/** Which axis of the world runs across a picture, which up, and which is fixed. */
const axes: Record<Plane, { across: 0 | 1; up: 1 | 2; fixed: 0 | 1 | 2 }> = {
  axial: { across: 0, up: 1, fixed: 2 },
  coronal: { across: 0, up: 2, fixed: 1 },
  sagittal: { across: 1, up: 2, fixed: 0 },
};

/** Size of a cut through a box, in mm. */
export function cutSize(plane: Plane, { low, high }: Box): { width: number; height: number } {
  const { across, up } = axes[plane];
  return { width: high[across] - low[across], height: high[up] - low[up] };
}

/** "z = −12", as atlases write it. */
export function cutLabel(plane: Plane, mm: number): string {
  return `${{ axial: 'z', coronal: 'y', sagittal: 'x' }[plane]} = ${mm < 0 ? '−' : ''}${Math.abs(Math.round(mm))}`;
}

/** The coordinate of a point that a plane through it is named by. */
export function cutPlace(plane: Plane, point: Point): number {
  return point[axes[plane].fixed];
}

/**
 * A cut through a brain: the map in colour over the background in grey; transparent outside the brain.
 * @param background brightness in [0, 1]; NaN outside
 * @param radiological the subject's left on the right
 */
export function paintCut(
  {
    plane,
    mm,
    box,
    pixelsPerMm,
    radiological,
  }: { plane: Plane; mm: number; box: Box; pixelsPerMm: number; radiological: boolean },
  map: Sample,
  background: Sample,
  colours: MapColours,
): Raster {
  const { across, up, fixed } = axes[plane];
  const size = cutSize(plane, box);
  const [width, height] = [Math.max(1, Math.round(size.width * pixelsPerMm)), Math.max(1, Math.round(size.height * pixelsPerMm))];
  const rgba = new Uint8Array(width * height * 4);
  const point: [number, number, number] = [0, 0, 0];
  point[fixed] = mm;
  const mirrored = radiological && plane !== 'sagittal';
  for (let row = 0; row < height; row++) {
    point[up] = box.high[up] - ((row + 0.5) * size.height) / height;
    for (let column = 0; column < width; column++) {
      const share = (column + 0.5) / width;
      point[across] = box.low[across] + (mirrored ? 1 - share : share) * size.width;
      const [x, y, z] = point;
      const value = map(x, y, z);
      // What a map covers needs no background.
      const isCovered = Math.abs(value) >= colours.threshold && value !== 0;
      paintPixel(rgba, (row * width + column) * 4, value, isCovered ? NaN : background(x, y, z), colours);
    }
  }
  return { width, height, rgba };
}

/** Colours one pixel of a map over its background. */
export function paintPixel(
  rgba: Uint8Array,
  at: number,
  value: number,
  brightness: number,
  { threshold, limit, palette }: MapColours,
): void {
  if (Math.abs(value) >= threshold && value !== 0) {
    setDivergingColour(rgba, at, palette, value / (limit || 1));
    rgba[at + 3] = 255;
  } else if (!Number.isNaN(brightness)) {
    // Kept out of the darkest and brightest greys, where map colours would be lost.
    const grey = Math.round(70 + 150 * Math.max(0, Math.min(1, brightness)));
    rgba.fill(grey, at, at + 3);
    rgba[at + 3] = 255;
  }
}
