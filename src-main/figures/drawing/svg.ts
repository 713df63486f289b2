import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { BOLD_WEIGHT, FONT_FAMILY, fontFiles } from './fonts';
import { POINTS_PER_MM, type Raster, type Scene, type Shape } from './scene';

/** How hard pictures are pressed that stay in a file, and those that are only drawn from it. */
const KEPT = 6;
const PASSING = 1;

/**
 * A scene as SVG 1.1 with real text. Written by hand rather than through a DOM: seven shapes, and the same bytes every time.
 * @param provenance JSON, kept in the file's metadata
 * @param embedFont whether the typeface travels inside the file; off for pictures that are rendered here
 */
export async function toSvg({ width, height, title, shapes }: Scene, provenance: string, embedFont = true): Promise<string> {
  // Rasters are encoded by several threads at once.
  const parts = await Promise.all(shapes.map((shape) => element(shape, embedFont ? KEPT : PASSING)));
  const mm = (points: number) => number(points / POINTS_PER_MM);
  const font = embedFont
    ? `<style>@font-face{font-family:${FONT_FAMILY};font-weight:100 900;src:url(data:font/woff2;base64,${readFileSync(fontFiles.web).toString('base64')}) format('woff2')}</style>`
    : '';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" width="${mm(width)}mm" height="${mm(height)}mm" viewBox="0 0 ${number(width)} ${number(height)}">`,
    `<title>${escapeXml(title)}</title>`,
    `<metadata>${escapeXml(provenance)}</metadata>`,
    `<defs>${font}</defs>`,
    `<rect width="${number(width)}" height="${number(height)}" fill="#ffffff"/>`,
    `<g font-family="${FONT_FAMILY}, Helvetica, Arial, sans-serif">`,
    ...parts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

async function element(shape: Shape, compression: number): Promise<string> {
  switch (shape.kind) {
    case 'rectangle':
      return `<rect ${attributes({ x: shape.x, y: shape.y, width: shape.width, height: shape.height })}${paint(shape)}/>`;
    case 'circle':
      return `<circle ${attributes({ cx: shape.x, cy: shape.y, r: shape.radius })}${paint(shape)}/>`;
    case 'line':
      return `<path d="${pathOf(shape.points, shape.closed ?? false)}" stroke-linejoin="round"${paint(shape)}/>`;
    case 'text':
      return textElement(shape);
    case 'image': {
      const { x, y, width, height, raster, photo } = shape;
      const uri = await dataUri(raster, photo ?? false, compression);
      return `<image ${attributes({ x, y, width, height })} preserveAspectRatio="none" xlink:href="${uri}"/>`;
    }
  }
}

function textElement({ x, y, text, size, bold, fill, anchor, rotate }: Extract<Shape, { kind: 'text' }>): string {
  const turned = rotate ? ` transform="rotate(${number(rotate)} ${number(x)} ${number(y)})"` : '';
  const placed = anchor && anchor !== 'start' ? ` text-anchor="${anchor}"` : '';
  const weight = bold ? ` font-weight="${BOLD_WEIGHT}"` : '';
  const looks = `${attributes({ x, y, 'font-size': size })}${weight}${placed}${turned} fill="${fill ?? '#16181c'}"`;
  return `<text ${looks} xml:space="preserve">${escapeXml(text)}</text>`;
}

function paint(shape: Extract<Shape, { kind: 'rectangle' | 'circle' | 'line' }>): string {
  const { fill = 'none', stroke, strokeWidth = 0.5, dash, opacity } = shape;
  const line = stroke ? ` stroke="${stroke}" stroke-width="${number(strokeWidth)}"` : '';
  const dashed = dash ? ` stroke-dasharray="${dash.map(number).join(' ')}"` : '';
  return ` fill="${fill}"${line}${dashed}${opacity === undefined ? '' : ` opacity="${number(opacity)}"`}`;
}

/** Path data; a NaN lifts the pen. */
export function pathOf(points: ArrayLike<number>, closed: boolean): string {
  let path = '';
  let isDown = false;
  for (let i = 0; i + 1 < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      isDown = false;
      continue;
    }
    path += `${isDown ? 'L' : 'M'}${number(x)} ${number(y)}`;
    isDown = true;
  }
  return closed && path ? `${path}Z` : path;
}

/**
 * A raster as a file inside a file: maps without loss, photographs as JPEG.
 * @param opaque on white, without transparency
 */
export async function encodeRaster(
  { width, height, rgba }: Raster,
  photo: boolean,
  opaque = false,
  compressionLevel = KEPT,
): Promise<Buffer> {
  const image = sharp(rgba, { raw: { width, height, channels: 4 } });
  if (opaque) image.flatten({ background: '#ffffff' });
  return photo
    ? image.flatten({ background: '#ffffff' }).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer()
    : image.png({ compressionLevel }).toBuffer();
}

async function dataUri(raster: Raster, photo: boolean, compression: number): Promise<string> {
  return `data:image/${photo ? 'jpeg' : 'png'};base64,${(await encodeRaster(raster, photo, false, compression)).toString('base64')}`;
}

function attributes(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${number(value)}"`)
    .join(' ');
}

/** At most three decimals: a ten-thousandth of a millimetre. */
function number(value: number): string {
  return String(Math.round(value * 1000) / 1000 || 0);
}

export function escapeXml(text: string): string {
  // Control characters are not allowed in XML 1.0, not even escaped.
  // eslint-disable-next-line no-control-regex
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
  return allowed.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
