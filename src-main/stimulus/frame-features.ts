import { frameFeatures } from '../../src-preload/shared/domain/controls';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { FrameSource } from '../../src-preload/shared/domain/frames';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';

export { frameFeatures };

const FRAMES_PER_READ = 16;
/** Grey levels of a Sobel gradient (of 255) above which a pixel lies on an edge. */
const EDGE = 100;
const HISTOGRAM_BINS = 32;
/** Half of the pixels in other grey levels than one frame before. */
const CUT = 0.5;

/**
 * - luminance: mean of Y = 0.299 R + 0.587 G + 0.114 B; contrast: its standard deviation (RMS contrast).
 * - colourfulness: Hasler & Süsstrunk (2003), M = σ_rgyb + 0.3 μ_rgyb.
 * - edge density: share of pixels whose Sobel gradient of Y is above 100.
 * - motion energy: mean squared change of Y since the frame of the TR before; 0 for the first.
 * - cut: 1 where half of the pixels have other grey levels (32 bins) than in the TR before, else 0.
 * @returns [features, frames] in the order of frameFeatures
 */
export async function computeFrameFeatures(frames: FrameSource, context: WorkContext): Promise<Matrix> {
  const { width, height, count } = frames;
  const pixels = width * height;
  const features = createMatrix(frameFeatures.length, count);
  let before: Float32Array | undefined;
  for (let start = 0; start < count; start += FRAMES_PER_READ) {
    throwIfCancelled(context.signal);
    const read = Math.min(FRAMES_PER_READ, count - start);
    const bytes = await frames.read(start, read);
    for (let i = 0; i < read; i++) {
      const frame = bytes.subarray(i * pixels * 3, (i + 1) * pixels * 3);
      const grey = toGrey(frame);
      const values = [...moments(grey), colourfulness(frame), edgeDensity(grey, width, height), ...change(grey, before)];
      values.forEach((value, feature) => (matrixRow(features, feature)[start + i] = value));
      before = grey;
    }
    context.progress({ stage: 'reading what the movie does', done: start + read, total: count, unit: 'frames' });
  }
  return features;
}

function toGrey(frame: Uint8Array): Float32Array {
  const grey = new Float32Array(frame.length / 3);
  for (let p = 0; p < grey.length; p++) grey[p] = 0.299 * frame[3 * p]! + 0.587 * frame[3 * p + 1]! + 0.114 * frame[3 * p + 2]!;
  return grey;
}

function moments(grey: Float32Array): [number, number] {
  let [sum, squares] = [0, 0];
  for (const value of grey) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / grey.length;
  return [mean, Math.sqrt(Math.max(0, squares / grey.length - mean * mean))];
}

function colourfulness(frame: Uint8Array): number {
  const n = frame.length / 3;
  let [a, aa, b, bb] = [0, 0, 0, 0];
  for (let p = 0; p < frame.length; p += 3) {
    const rg = frame[p]! - frame[p + 1]!;
    const yb = 0.5 * (frame[p]! + frame[p + 1]!) - frame[p + 2]!;
    a += rg;
    aa += rg * rg;
    b += yb;
    bb += yb * yb;
  }
  const variance = aa / n - (a / n) ** 2 + bb / n - (b / n) ** 2;
  return Math.sqrt(Math.max(0, variance)) + 0.3 * Math.hypot(a / n, b / n);
}

function edgeDensity(grey: Float32Array, width: number, height: number): number {
  let edges = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = (dx: number, dy: number) => grey[(y + dy) * width + x + dx]!;
      const gx = at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1);
      const gy = at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1);
      if (gx * gx + gy * gy > EDGE * EDGE) edges++;
    }
  }
  return edges / (width * height);
}

function change(grey: Float32Array, before: Float32Array | undefined): [number, number] {
  if (!before) return [0, 0];
  const difference = new Int32Array(HISTOGRAM_BINS);
  let squares = 0;
  for (let p = 0; p < grey.length; p++) {
    squares += (grey[p]! - before[p]!) ** 2;
    difference[Math.floor((grey[p]! * HISTOGRAM_BINS) / 256)]!++;
    difference[Math.floor((before[p]! * HISTOGRAM_BINS) / 256)]!--;
  }
  const moved = difference.reduce((sum, value) => sum + Math.abs(value), 0) / 2;
  return [squares / grey.length, moved / grey.length > CUT ? 1 : 0];
}
