import type { Random } from './random';

/** A hue in degrees and a saturation in [0, 1]. */
export interface Colour {
  hue: number;
  saturation: number;
}

/** An SVG document and its size in pixels. */
export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

/** An SVG pattern with the id "texture". */
export type Texture = string;

/** A colour of the lightness given, in [0, 1], as CSS writes it. */
export function css({ hue, saturation }: Colour, lightness: number): string {
  return `hsl(${Math.round(hue)}, ${Math.round(saturation * 100)}%, ${Math.round(lightness * 100)}%)`;
}

function document(width: number, height: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`;
}

/** A sky that grows lighter or darker towards the horizon, and hills. */
export function landscape(random: Random, place: { width: number; height: number; skyHue: Colour; groundHue: Colour }): string {
  const { width, height, skyHue, groundHue } = place;
  const sky = random.between(0.25, 0.75);
  const horizon = random.between(80, 120);
  const hills = Array.from(
    { length: 9 },
    (_, i) => `${((i * width) / 8).toFixed(1)},${(horizon + random.between(-14, 14)).toFixed(1)}`,
  );
  const ground = random.between(0.2, 0.6);
  const gradient =
    `<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${css(skyHue, sky)}"/>` +
    `<stop offset="1" stop-color="${css(skyHue, sky + random.between(-0.1, 0.2))}"/></linearGradient>`;
  return document(
    width,
    height,
    `<defs>${gradient}</defs><rect width="${width}" height="${height}" fill="url(#sky)"/>` +
      `<polygon points="0,${height} ${hills.join(' ')} ${width},${height}" fill="${css(groundHue, ground)}"/>`,
  );
}

/** Stripes of two colours. @param orientation in degrees: 0 horizontal, rising to the right up to 90 vertical */
export function stripes(orientation: number, wavelength: number, first: string, second: string): Texture {
  return (
    `<pattern id="texture" width="${wavelength}" height="${wavelength}" patternUnits="userSpaceOnUse" patternTransform="rotate(${-orientation})">` +
    `<rect width="${wavelength}" height="${wavelength}" fill="${first}"/>` +
    `<rect width="${wavelength}" height="${wavelength / 2}" fill="${second}"/></pattern>`
  );
}

/** The front of a house with lit windows. */
export function windows(period: number, wall: string, light: string): Texture {
  return (
    `<pattern id="texture" width="${period}" height="${period}" patternUnits="userSpaceOnUse">` +
    `<rect width="${period}" height="${period}" fill="${wall}"/>` +
    `<rect x="${period / 4}" y="${period / 4}" width="${period * 0.55}" height="${period * 0.55}" fill="${light}"/></pattern>`
  );
}

/** A net of two sets of slanting lines, clear in between. */
export function net(period: number, line: string): Texture {
  return (
    `<pattern id="texture" width="${period}" height="${period}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
    `<rect width="${period}" height="${period}" fill="hsla(0, 0%, 90%, 0.6)"/>` +
    `<path d="M0 0H${period}M0 0V${period}" stroke="${line}" stroke-width="${period * 0.6}"/></pattern>`
  );
}

/** A rectangle with soft corners filled with a texture. */
export function texturedPatch(width: number, height: number, texture: Texture): string {
  return document(
    width,
    height,
    `<defs>${texture}</defs><rect width="${width}" height="${height}" rx="4" fill="url(#texture)"/>`,
  );
}

/** A sun, a moon or a ball. */
export function disc(radius: number, fill: string): Drawing {
  const size = 2 * radius + 2;
  return {
    width: size,
    height: size,
    svg: document(size, size, `<circle cx="${radius + 1}" cy="${radius + 1}" r="${radius}" fill="${fill}"/>`),
  };
}

/** A balloon with a basket. */
export function balloon(radius: number, colour: Colour): Drawing {
  const [width, height] = [Math.ceil(2 * radius), Math.ceil(2.6 * radius)];
  const fill = css(colour, 0.5);
  const basket = `<path d="M${radius * 0.5} ${radius * 1.6}L${radius * 0.85} ${radius * 2.3}H${radius * 1.15}L${radius * 1.5} ${radius * 1.6}" fill="none" stroke="hsl(30, 30%, 25%)"/>`;
  const box = `<rect x="${radius * 0.8}" y="${radius * 2.2}" width="${radius * 0.4}" height="${radius * 0.35}" fill="hsl(30, 40%, 30%)"/>`;
  const svg = document(width, height, `${basket}${box}<circle cx="${radius}" cy="${radius}" r="${radius}" fill="${fill}"/>`);
  return { width, height, svg };
}

/** Spots strewn over an area taller than a frame. */
export function spots(random: Random, fill: string): Drawing {
  const [width, height] = [360, 290];
  const circles = Array.from(
    { length: 260 },
    () =>
      `<circle cx="${random.between(0, width).toFixed(1)}" cy="${random.between(0, height).toFixed(1)}" r="${random.between(1.6, 2.4).toFixed(1)}"/>`,
  );
  return { width, height, svg: document(width, height, `<g fill="${fill}">${circles.join('')}</g>`) };
}
