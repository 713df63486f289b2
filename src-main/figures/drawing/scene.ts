/** One millimetre in points. */
export const POINTS_PER_MM = 72 / 25.4;

/** Raw pixels, RGBA, row by row from the top. */
export interface Raster {
  width: number;
  height: number;
  /** Length 4 × width × height. */
  rgba: Uint8Array;
}

interface Painted {
  fill?: string;
  stroke?: string;
  strokeWidth?: number;
  /** Lengths of dash and gap. */
  dash?: readonly [number, number];
  opacity?: number;
}

/** What a figure is made of. All lengths are in points, y downwards. */
export type Shape =
  | ({ kind: 'rectangle'; x: number; y: number; width: number; height: number } & Painted)
  | ({ kind: 'circle'; x: number; y: number; radius: number } & Painted)
  /** Straight lines through points x0, y0, x1, y1, …; a NaN interrupts them. */
  | ({ kind: 'line'; points: ArrayLike<number>; closed?: boolean } & Painted)
  | {
      kind: 'text';
      x: number;
      /** Of the baseline. */
      y: number;
      text: string;
      size: number;
      bold?: boolean;
      fill?: string;
      anchor?: 'start' | 'middle' | 'end';
      /** In degrees, clockwise, about (x, y). */
      rotate?: number;
    }
  | { kind: 'image'; x: number; y: number; width: number; height: number; raster: Raster; photo?: boolean };

/** A figure before it is written in any format. */
export interface Scene {
  /** In points. */
  width: number;
  height: number;
  title: string;
  shapes: Shape[];
}

export type TextStyle = Omit<Extract<Shape, { kind: 'text' }>, 'kind' | 'x' | 'y' | 'text'>;

/** Gathers the shapes of a figure. */
export class Drawing {
  readonly shapes: Shape[] = [];

  rectangle(x: number, y: number, width: number, height: number, style: Painted): void {
    this.shapes.push({ kind: 'rectangle', x, y, width, height, ...style });
  }

  circle(x: number, y: number, radius: number, style: Painted): void {
    this.shapes.push({ kind: 'circle', x, y, radius, ...style });
  }

  line(points: ArrayLike<number>, style: Painted & { closed?: boolean }): void {
    this.shapes.push({ kind: 'line', points, ...style });
  }

  text(x: number, y: number, text: string, style: TextStyle): void {
    if (text !== '') this.shapes.push({ kind: 'text', x, y, text, ...style });
  }

  image(x: number, y: number, width: number, height: number, raster: Raster, photo = false): void {
    this.shapes.push({ kind: 'image', x, y, width, height, raster, photo });
  }

  /** @param height in points @param width in points */
  scene(width: number, height: number, title: string): Scene {
    return { width, height, title, shapes: this.shapes };
  }
}
