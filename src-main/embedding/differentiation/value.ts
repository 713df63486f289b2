import type { Shape } from '../../../src-preload/shared/domain/operations';

/** A float32 value of a graph: its name there, and its shape. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
}

/** @throws RangeError where two shapes that must be the same are not */
export function requireShape(what: string, found: Shape, wanted: Shape): void {
  if (!sameShape(found, wanted)) throw new RangeError(`${what} is [${found.join(', ')}], not [${wanted.join(', ')}]`);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
