/** The two sides of a pair, everywhere in the program and in print: brain and network. Apart for all common colour blindness. */
export const BRAIN = '#e8743b';
export const NETWORK = '#3b8fe8';
/** The same hues as text on white, where contrast is 4.5 to 1 or more. */
export const BRAIN_TEXT = '#a8430f';
export const NETWORK_TEXT = '#14609f';
export const INK = '#16181c';
export const QUIET = '#5b626c';
export const HAIRLINE = '#b9bec6';

export type Colour = readonly [red: number, green: number, blue: number];

/** Stops of a colour scale at equal distances over [0, 1]. */
type Scale = readonly Colour[];

/**
 * Scales that go through a light middle: both ends differ in hue and darkness for every common colour blindness (after the red–blue
 * scale of ColorBrewer, Brewer et al. 2003, and orange–purple of the same).
 */
const diverging = {
  'blue-red': {
    cold: [
      [209, 229, 240],
      [67, 147, 195],
      [5, 48, 97],
    ],
    warm: [
      [253, 219, 199],
      [214, 96, 77],
      [103, 0, 31],
    ],
  },
  'purple-orange': {
    cold: [
      [216, 218, 235],
      [128, 115, 172],
      [45, 0, 75],
    ],
    warm: [
      [254, 224, 182],
      [224, 130, 20],
      [127, 59, 8],
    ],
  },
} as const satisfies Record<string, { cold: Scale; warm: Scale }>;

export type DivergingName = keyof typeof diverging;

/** A colour for a signed value. @param place value over the limit; its size is cut to 1 */
export function divergingColour(name: DivergingName, place: number): Colour {
  const { cold, warm } = diverging[name];
  return along(place < 0 ? cold : warm, Math.min(1, Math.abs(place)));
}

/** Steps of a table of colours to either side of 0: more than a screen or a printer tells apart. */
const STEPS = 1023;
const tables = new Map<DivergingName, Uint8Array>();

/** Writes the colour of a signed value into pixels, from a table: the fast way for many. @param place as of divergingColour */
export function setDivergingColour(pixels: Uint8Array, at: number, name: DivergingName, place: number): void {
  let table = tables.get(name);
  if (!table) {
    table = new Uint8Array((2 * STEPS + 1) * 3);
    for (let step = 0; step <= 2 * STEPS; step++) table.set(divergingColour(name, (step - STEPS) / STEPS), step * 3);
    tables.set(name, table);
  }
  const cut = place > 1 ? 1 : place < -1 ? -1 : place;
  const from = (STEPS + Math.round(cut * STEPS)) * 3;
  pixels[at] = table[from]!;
  pixels[at + 1] = table[from + 1]!;
  pixels[at + 2] = table[from + 2]!;
}

/** Nine stops of viridis (van der Walt and Smith 2015), perceptually uniform. */
const viridis: Scale = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37],
];

/** @param place in [0, 1] */
export function sequentialColour(place: number): Colour {
  return along(viridis, Math.max(0, Math.min(1, place)));
}

function along(scale: Scale, place: number): Colour {
  const at = place * (scale.length - 1);
  const from = Math.min(scale.length - 2, Math.floor(at));
  const share = at - from;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(scale[from]![channel] + share * (scale[from + 1]![channel] - scale[from]![channel]));
  return [mix(0), mix(1), mix(2)];
}

export function hex([red, green, blue]: Colour): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

/** Whether dark ink reads better on a colour than white (relative luminance, WCAG 2). */
export function isLight(colour: Colour): boolean {
  const linear = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]! > 0.25;
}
