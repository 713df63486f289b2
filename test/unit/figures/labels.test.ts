import { expect, test } from 'vitest';
import { textWidth } from '../../../src-main/figures/drawing/fonts';
import { placeLabels } from '../../../src-main/figures/drawing/labels';

const SIZE = 5;
const frame = { x: 0, y: 0, width: 200, height: 150 };

test('names of points that lie close stand apart, inside the frame, each beside its own point', () => {
  const points = [
    { text: 'densenet161', x: 150, y: 70 },
    { text: 'resnet50', x: 156, y: 70 },
    { text: 'vgg16', x: 148, y: 74 },
    { text: 'at the right edge', x: 196, y: 20 },
  ];
  const placed = placeLabels(points, frame, SIZE);
  const boxes = placed.map(({ text, x, y }) => ({
    left: x,
    right: x + textWidth(text, SIZE),
    top: y - 0.8 * SIZE,
    bottom: y + 0.2 * SIZE,
  }));
  for (const [i, one] of boxes.entries()) {
    expect(one.left).toBeGreaterThanOrEqual(0);
    expect(one.right).toBeLessThanOrEqual(frame.width);
    const { x, y } = points[i]!;
    expect(Math.min(Math.abs(one.left - x), Math.abs(one.right - x))).toBeCloseTo(3, 5);
    expect(Math.abs((one.top + one.bottom) / 2 - y)).toBeLessThan(2.5 * SIZE);
    for (const other of boxes.slice(i + 1)) {
      const isApart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;
      expect(isApart, `${i}`).toBe(true);
    }
  }
});

test('a point alone has its name right above', () => {
  expect(placeLabels([{ text: 'a', x: 50, y: 60 }], frame, SIZE)).toEqual([{ text: 'a', x: 53, y: 58 }]);
});
