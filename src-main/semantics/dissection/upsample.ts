/** Where each of `size` pixels falls on a map of `cells` cells: the cell before it, and the way to the next one. */
export interface Stretch {
  before: Int32Array;
  share: Float32Array;
}

/** Bilinear, pixel centres on pixel centres, edges repeated (OpenCV's and PyTorch's align_corners=False). */
export function stretch(size: number, cells: number): Stretch {
  const before = new Int32Array(size);
  const share = new Float32Array(size);
  for (let pixel = 0; pixel < size; pixel++) {
    const exact = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / size - 0.5));
    before[pixel] = Math.min(Math.max(0, cells - 2), Math.floor(exact));
    share[pixel] = exact - before[pixel]!;
  }
  return { before, share };
}

/** Size of a picture in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Spreads feature maps over pictures, and finds the pixels above a threshold. */
export class Upsampler {
  private readonly x: Stretch;
  private readonly y: Stretch;

  constructor(
    readonly map: Size,
    readonly picture: Size,
  ) {
    this.x = stretch(picture.width, map.width);
    this.y = stretch(picture.height, map.height);
  }

  /**
   * The pixels at which a map, spread over the picture, exceeds a threshold.
   * @param values maps one after another; the one from `offset` on is meant
   * @param pixels memory for the places, of at least width × height
   * @returns how many there are
   */
  above(values: Float32Array, offset: number, threshold: number, pixels: Int32Array): number {
    const { width, height } = this.map;
    let [top, bottom, left, right] = [height, -1, width, -1];
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++) {
        if (!(values[offset + j * width + i]! > threshold)) continue;
        if (j < top) top = j;
        bottom = j;
        if (i < left) left = i;
        if (i > right) right = i;
      }
    }
    // A pixel is a mean of the cells around it: away from those above the threshold none can be.
    return bottom < 0 ? 0 : this.search(values, offset, threshold, pixels, { top, bottom, left, right });
  }

  private search(
    values: Float32Array,
    offset: number,
    threshold: number,
    pixels: Int32Array,
    cells: { top: number; bottom: number; left: number; right: number },
  ): number {
    const { width } = this.map;
    const { before: bx, share: sx } = this.x;
    const { before: by, share: sy } = this.y;
    const [firstX, lastX] = span(bx, cells.left, cells.right);
    const [firstY, lastY] = span(by, cells.top, cells.bottom);
    const right = width > 1 ? 1 : 0;
    const below = this.map.height > 1 ? width : 0;
    let count = 0;
    for (let y = firstY; y <= lastY; y++) {
      const row = offset + by[y]! * width;
      const v = sy[y]!;
      for (let x = firstX; x <= lastX; x++) {
        const at = row + bx[x]!;
        const u = sx[x]!;
        const upper = values[at]! + u * (values[at + right]! - values[at]!);
        const lower = values[at + below]! + u * (values[at + below + right]! - values[at + below]!);
        if (upper + v * (lower - upper) > threshold) pixels[count++] = y * this.picture.width + x;
      }
    }
    return count;
  }
}

/** First and last pixel that lie between cells `from` − 1 and `to` + 1. */
function span(before: Int32Array, from: number, to: number): [number, number] {
  let first = 0;
  while (first < before.length && before[first]! < from - 1) first++;
  let last = before.length - 1;
  while (last >= 0 && before[last]! > to) last--;
  return [first, last];
}
