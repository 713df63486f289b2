import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as fontkit from 'fontkit';

const resolve = createRequire(import.meta.url).resolve;

/** The typeface of every figure, as files: static faces for PDF and pictures, one that browsers take for SVG. */
export const fontFiles = {
  regular: resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  bold: resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
  web: resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
};
export const FONT_FAMILY = 'Inter';
/** What PDF readers and SVG editors call the bold face's weight. */
export const BOLD_WEIGHT = 600;

const faces = new Map<boolean, fontkit.Font>();

function face(bold: boolean): fontkit.Font {
  let found = faces.get(bold);
  if (!found) {
    found = fontkit.create(readFileSync(bold ? fontFiles.bold : fontFiles.regular)) as fontkit.Font;
    faces.set(bold, found);
  }
  return found;
}

/** Width of a text in points. @param size of the type, in points */
export function textWidth(text: string, size: number, bold = false): number {
  const font = face(bold);
  return (font.layout(text).advanceWidth / font.unitsPerEm) * size;
}

/** A text no wider than `width` points: its middle gives way to "…", so that beginning and end can still be told. */
export function fitText(text: string, width: number, size: number, bold = false): string {
  if (textWidth(text, size, bold) <= width) return text;
  for (let kept = text.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2);
    const shorter = `${text.slice(0, head).trimEnd()}…${text.slice(text.length - (kept - head)).trimStart()}`;
    if (textWidth(shorter, size, bold) <= width) return shorter;
  }
  return '…';
}

/** A text in two lines at its last comma that leaves the first line no wider than asked; in one where it fits. */
export function breakAtComma(text: string, width: number, size: number): string[] {
  if (textWidth(text, size) <= width) return [text];
  const parts = text.split(', ');
  for (let kept = parts.length - 1; kept > 0; kept--) {
    const first = `${parts.slice(0, kept).join(', ')},`;
    if (textWidth(first, size) <= width) return [first, parts.slice(kept).join(', ')];
  }
  return [text];
}
