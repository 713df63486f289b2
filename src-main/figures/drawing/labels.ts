import type { Frame } from './axes';
import { textWidth } from './fonts';

/** A word and the point that it names. */
interface Named {
  text: string;
  x: number;
  y: number;
}

/** Between a point's middle and its word. */
const DISTANCE = 3;

/**
 * Words beside their points, none over another or over a point where that can be had: right above first, then the other corners, then
 * farther up and down; where all are taken, the place that covers least.
 * @returns left end and baseline of each, in the order given
 */
export function placeLabels(points: readonly Named[], frame: Frame, size: number): Named[] {
  const taken = points.map(({ x, y }) => ({ x: x - 2, y: y - 2, width: 4, height: 4 }));
  return points.map(({ text, x, y }) => {
    const width = textWidth(text, size);
    const boxes = [-2, size - 1, -2 - size, 2 * size - 1].flatMap((shift) =>
      [x + DISTANCE, x - DISTANCE - width].map((left) => ({ x: left, y: y + shift - size * 0.8, width, height: size })),
    );
    const cost = (box: Frame) => taken.reduce((sum, other) => sum + shared(box, other), 0) + 10 * outside(box, frame);
    const best = boxes.reduce((one, other) => (cost(other) < cost(one) - 1e-9 ? other : one));
    taken.push(best);
    return { text, x: best.x, y: best.y + size * 0.8 };
  });
}

function shared(a: Frame, b: Frame): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return across > 0 && down > 0 ? across * down : 0;
}

/** How much of a box lies outside a frame. */
function outside(box: Frame, frame: Frame): number {
  return box.width * box.height - shared(box, frame);
}
