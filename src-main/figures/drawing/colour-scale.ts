import { QUIET, sequentialColour } from './colours';
import type { Drawing } from './scene';

/** A sequential colour scale, lying: numbers at its ends, what it measures between them. @param frame its height follows the size of the text */
export function drawScale(
  drawing: Drawing,
  { x, y, width }: { x: number; y: number; width: number },
  [low, high]: readonly [number, number],
  size: number,
  label: string,
): void {
  const steps = 128;
  const rgba = new Uint8Array(steps * 4);
  for (let i = 0; i < steps; i++) rgba.set([...sequentialColour((i + 0.5) / steps), 255], i * 4);
  drawing.image(x, y, width, size * 0.8, { width: steps, height: 1, rgba });
  const baseline = y + size * 1.9;
  drawing.text(x, baseline, low.toFixed(2), { size });
  drawing.text(x + width, baseline, high.toFixed(2), { size, anchor: 'end' });
  drawing.text(x + width / 2, baseline, label, { size, anchor: 'middle', fill: QUIET });
}
