import { centreSurround, gabor, gaussian, kernelOf, scaled, type Kernel } from './cnn-kernels';

/** A filter of the phantom's CNN: what it looks for, in words, and the kernel it applies to each map of the layer before. */
export interface FilterDesign {
  description: string;
  /** By description of the map before; maps that are not named get zeros. */
  kernels: Record<string, Kernel>;
  /** Added before rectification; negative thresholds make a filter ask for several things together. */
  bias: number;
}

/** A convolution of the phantom's CNN. */
export interface LayerDesign {
  /** Module name in PyTorch's manner. */
  name: string;
  kernelSize: number;
  stride: number;
  padding: number;
  filters: FilterDesign[];
}

/** The maps that enter the first layer. */
export const COLOUR_CHANNELS = ['red light', 'green light', 'blue light'] as const;

/** Luminance of a pixel in linear weights of its red, green and blue values. */
const LUMINANCE = [0.299, 0.587, 0.114] as const;
const PHASES = [0, 90, 180, 270];
/** Orientation of stripes in degrees, with its name. */
const ORIENTATIONS: readonly (readonly [number, string])[] = [
  [0, 'horizontal'],
  [30, 'gently rising'],
  [60, 'steeply rising'],
  [90, 'vertical'],
  [120, 'steeply falling'],
  [150, 'gently falling'],
];
/** Wavelength of stripes in steps of two pixels: the picture enters the first layer at half its size. */
const SCALES: readonly (readonly [string, number])[] = [
  ['fine', 3],
  ['coarse', 6],
];
/** Weights of red, green and blue light, in the order of the colour circle. */
const HUES: readonly (readonly [string, readonly [number, number, number]])[] = [
  ['red', [1, -0.5, -0.5]],
  ['yellow', [0.5, 0.5, -1]],
  ['green', [-0.5, 1, -0.5]],
  ['cyan', [-1, 0.5, 0.5]],
  ['blue', [-0.5, -0.5, 1]],
  ['magenta', [0.5, -1, 0.5]],
];

const stripes = (scale: string, orientation: string) => `${scale} ${orientation} stripes`;
const allStripes = (scale: string) => ORIENTATIONS.map(([, orientation]) => stripes(scale, orientation));

/** The layers of the phantom's CNN, first to last. */
export function layerDesigns(): LayerDesign[] {
  return [
    { name: 'stage1.conv', kernelSize: 9, stride: 1, padding: 0, filters: edgesAndColours() },
    { name: 'stage2.conv', kernelSize: 1, stride: 1, padding: 0, filters: energies() },
    { name: 'stage3.conv', kernelSize: 5, stride: 1, padding: 0, filters: textures() },
    { name: 'stage4.conv', kernelSize: 5, stride: 1, padding: 2, filters: things() },
  ];
}

/** Stage 1: luminance edges at six orientations, two scales and four phases, spots, six colours, light and dark. */
function edgesAndColours(): FilterDesign[] {
  const light = (kernel: Kernel) => onColours(LUMINANCE.map((weight) => scaled(kernel, weight)));
  const edges = SCALES.flatMap(([scale, wavelength]) =>
    ORIENTATIONS.flatMap(([degrees, orientation]) =>
      PHASES.map((phase) => ({
        description: `${stripes(scale, orientation)}, phase ${phase}°`,
        kernels: light(gabor(9, degrees, wavelength, phase)),
        bias: 0,
      })),
    ),
  );
  const spot = scaled(centreSurround(9, 0.7, 1.4), 2);
  const field = gaussian(9, 2);
  return [
    ...edges,
    { description: 'small bright spot', kernels: light(spot), bias: -0.1 },
    { description: 'small dark spot', kernels: light(scaled(spot, -1)), bias: -0.1 },
    ...HUES.map(([hue, weights]) => ({
      description: hue,
      kernels: onColours(weights.map((weight) => scaled(field, weight))),
      bias: -0.05,
    })),
    { description: 'light', kernels: light(field), bias: -0.5 },
    { description: 'dark', kernels: light(scaled(field, -1)), bias: 0.5 },
  ];
}

function onColours(kernels: Kernel[]): Record<string, Kernel> {
  return Object.fromEntries(COLOUR_CHANNELS.map((channel, i) => [channel, kernels[i]!]));
}

/** Stage 2: energy of stripes whatever their phase; the other maps as they are. */
function energies(): FilterDesign[] {
  const one = kernelOf(1, () => 1);
  const energy = SCALES.flatMap(([scale]) =>
    allStripes(scale).map((description) => ({
      description,
      // Of four rectified phases about two are on at a time; together they vary by a tenth with the phase.
      kernels: Object.fromEntries(PHASES.map((phase) => [`${description}, phase ${phase}°`, scaled(one, 3)])),
      bias: 0,
    })),
  );
  const spots = ['small bright spot', 'small dark spot'].map((description) => ({
    description,
    kernels: { [description]: scaled(one, 4) },
    bias: 0,
  }));
  const kept = [...HUES.map(([hue]) => hue), 'light', 'dark'];
  return [...energy, ...spots, ...kept.map((description) => ({ description, kernels: { [description]: one }, bias: 0 }))];
}

/** Stage 3: textures against other orientations, colours against their neighbours, discs, grids, edges of light. */
function textures(): FilterDesign[] {
  const pool = gaussian(5, 1.2);
  const disc = kernelOf(5, (x, y) => (Math.hypot(x, y) < 1.6 ? 1 / 9 : -1 / 16));
  const half = (direction: 'x' | 'y') => kernelOf(5, (x, y) => Math.sign(direction === 'x' ? x : y) / 10);
  const withDark = (kernel: Kernel) => ({ light: kernel, dark: scaled(kernel, -1) });
  return [
    ...SCALES.flatMap(([scale]) => allStripes(scale).map((description) => stripesFilter(scale, description, pool))),
    ...HUES.map((_, i) => hueFilter(i, pool)),
    { description: 'light', kernels: { light: pool }, bias: 0 },
    { description: 'dark', kernels: { dark: pool }, bias: 0 },
    smallThingsFilter('bright', pool),
    smallThingsFilter('dark', pool),
    { description: 'bright disc', kernels: withDark(disc), bias: 0 },
    { description: 'dark disc', kernels: withDark(scaled(disc, -1)), bias: 0 },
    grid('upright grid', [0, 3], pool),
    grid('slanting grid', [1, 2, 4, 5], pool),
    { description: 'light above dark', kernels: withDark(scaled(half('y'), -1)), bias: -0.05 },
    { description: 'dark above light', kernels: withDark(half('y')), bias: -0.05 },
    { description: 'light left of dark', kernels: withDark(scaled(half('x'), -1)), bias: -0.05 },
    { description: 'dark left of light', kernels: withDark(half('x')), bias: -0.05 },
    greyFilter(pool),
  ];
}

function stripesFilter(scale: string, description: string, pool: Kernel): FilterDesign {
  const others = allStripes(scale).filter((other) => other !== description);
  const otherScale = SCALES.find(([name]) => name !== scale)![0];
  return {
    description,
    kernels: {
      ...Object.fromEntries(others.map((other) => [other, scaled(pool, -0.2)])),
      ...Object.fromEntries(allStripes(otherScale).map((other) => [other, scaled(pool, -0.1)])),
      [description]: pool,
    },
    bias: 0,
  };
}

function hueFilter(i: number, pool: Kernel): FilterDesign {
  const neighbours = [HUES[(i + 1) % HUES.length]![0], HUES[(i + HUES.length - 1) % HUES.length]![0]];
  const kernels = Object.fromEntries(neighbours.map((neighbour) => [neighbour, scaled(pool, -0.6)]));
  return { description: HUES[i]![0], kernels: { ...kernels, [HUES[i]![0]]: pool }, bias: 0 };
}

/** Small things of one polarity: stripes hold small bright and dark places too, so their energy counts a little against them. */
function smallThingsFilter(polarity: 'bright' | 'dark', pool: Kernel): FilterDesign {
  const opposite = polarity === 'bright' ? 'dark' : 'bright';
  return {
    description: `small ${polarity} things`,
    kernels: {
      ...Object.fromEntries(SCALES.flatMap(([scale]) => allStripes(scale)).map((other) => [other, scaled(pool, -0.04)])),
      [`small ${polarity} spot`]: scaled(pool, 2),
      [`small ${opposite} spot`]: scaled(pool, -1),
    },
    bias: 0,
  };
}

/** Coarse stripes in crossing directions together. */
function grid(description: string, crossed: number[], pool: Kernel): FilterDesign {
  const share = 1.2 / crossed.length;
  const kernels = allStripes('coarse').map((other, i) => [other, scaled(pool, crossed.includes(i) ? share : -0.15)]);
  return { description, kernels: Object.fromEntries(kernels), bias: -0.25 };
}

function greyFilter(pool: Kernel): FilterDesign {
  const against = [
    ...HUES.map(([hue]) => hue),
    'small bright spot',
    'small dark spot',
    ...SCALES.flatMap(([s]) => allStripes(s)),
  ];
  return { description: 'smooth grey', kernels: Object.fromEntries(against.map((map) => [map, scaled(pool, -1)])), bias: 0.3 };
}

/** Stage 4: wide fields of one texture or colour, and things that lie above or beside each other. */
function things(): FilterDesign[] {
  const wide = gaussian(5, 1.5);
  const part = (inside: (x: number, y: number) => boolean) => kernelOf(5, (x, y) => (inside(x, y) ? 1 / 10 : 0));
  const [left, right, upper, lower] = [part((x) => x < 0), part((x) => x > 0), part((_, y) => y < 0), part((_, y) => y > 0)];
  const fields = textures().map(({ description }) => ({
    description: `field of ${description}`,
    kernels: { [description]: wide },
    bias: 0,
  }));
  const beside = (a: string, b: string) => ({
    description: `${a} left of ${b}`,
    kernels: { [a]: left, [b]: right },
    bias: -0.15,
  });
  const above = (a: string, b: string) => ({ description: `${a} above ${b}`, kernels: { [a]: upper, [b]: lower }, bias: -0.15 });
  const hues = HUES.map(([hue]) => hue);
  return [
    ...fields,
    ...[2, 3, 4].flatMap((step) => hues.map((hue, i) => above(hue, hues[(i + step) % hues.length]!))),
    ...hues.map((hue, i) => beside(hue, hues[(i + 3) % hues.length]!)),
    ...hues.map((hue) => above('smooth grey', hue)),
  ];
}
