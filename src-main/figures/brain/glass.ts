import type { Raster } from '../drawing/scene';
import { cutSize, paintPixel, type MapColours, type Plane, type Sample } from './cut';
import type { Box } from './volume';

/** Steps through the brain, in mm. */
const STEP = 2;

/**
 * A glass brain: of every line of sight through the brain the value largest in size, over the brain's silhouette.
 * @param inside a number where there is brain, NaN elsewhere
 */
export function paintGlass(
  { plane, box, pixelsPerMm, radiological }: { plane: Plane; box: Box; pixelsPerMm: number; radiological: boolean },
  map: Sample,
  inside: Sample,
  colours: MapColours,
): Raster {
  const size = cutSize(plane, box);
  const [width, height] = [Math.max(1, Math.round(size.width * pixelsPerMm)), Math.max(1, Math.round(size.height * pixelsPerMm))];
  const [across, up, depth] = plane === 'axial' ? [0, 1, 2] : plane === 'coronal' ? [0, 2, 1] : [1, 2, 0];
  const rgba = new Uint8Array(width * height * 4);
  const thickness = new Float32Array(width * height);
  const strongest = new Float32Array(width * height).fill(NaN);
  const point: [number, number, number] = [0, 0, 0];
  const mirrored = radiological && plane !== 'sagittal';
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [row, column] = [Math.floor(pixel / width), pixel % width];
    const share = (column + 0.5) / width;
    point[up!] = box.high[up!]! - ((row + 0.5) * size.height) / height;
    point[across!] = box.low[across!]! + (mirrored ? 1 - share : share) * size.width;
    for (let at = box.low[depth!]!; at <= box.high[depth!]!; at += STEP) {
      point[depth!] = at;
      if (Number.isNaN(inside(...point))) continue;
      thickness[pixel]! += STEP;
      const value = map(...point);
      if (!(Math.abs(value) <= Math.abs(strongest[pixel]!))) strongest[pixel] = value;
    }
  }
  for (let pixel = 0; pixel < width * height; pixel++) {
    // Thin parts are darker, which draws the outline; full brain is nearly white.
    const brightness = thickness[pixel] === 0 ? NaN : 0.6 + 0.4 * Math.min(1, thickness[pixel]! / 60);
    paintPixel(rgba, pixel * 4, strongest[pixel]!, brightness, colours);
  }
  return { width, height, rgba };
}
