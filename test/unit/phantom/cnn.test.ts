import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineSession } from '../../../src-preload/shared/domain/engine';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { buildPhantomCnn, describePhantomCnn, IMAGENET_DEVIATION, IMAGENET_MEAN } from '../../../src-main/phantom/cnn';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { readModel } from '../../../src-main/cnn/read-model';
import { selectLayers } from '../../../src-main/cnn/select-layers';
import { PLANTED_LAYER } from '../../../src-main/phantom/cnn';

const resources = join(import.meta.dirname, '..', '..', '..', 'resources', 'phantom');
const [width, height] = [160, 120];
const filters = describePhantomCnn().at(-1)!.filters;
let session: EngineSession;

beforeAll(async () => {
  session = await onnxruntimeEngine.createSession(buildPhantomCnn());
});
afterAll(() => session.release());

type Rgb = [number, number, number];

/** The activation of every filter of the last layer for a picture, by description. */
async function activationsFor(colour: (x: number, y: number) => Rgb): Promise<Map<string, number>> {
  const data = new Float32Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      colour(x, y).forEach((value, c) => {
        data[(c * height + y) * width + x] = (value - IMAGENET_MEAN[c]!) / IMAGENET_DEVIATION[c]!;
      });
  const { features } = await session.run({ image: { type: 'float32', dims: [1, 3, height, width], data } });
  return new Map(filters.map((filter, i) => [filter, Number(features!.data[i]!)]));
}

/** Black and white stripes. @param degrees 0 horizontal, rising to the right up to 90 vertical */
function grating(degrees: number, wavelength: number): (x: number, y: number) => Rgb {
  const angle = (degrees * Math.PI) / 180;
  return (x, y) => {
    const value = 0.5 + 0.4 * Math.sin((2 * Math.PI * (x * Math.sin(angle) + y * Math.cos(angle))) / wavelength);
    return [value, value, value];
  };
}

function strongest(activations: Map<string, number>, among: (filter: string) => boolean): string {
  return [...activations].filter(([filter]) => among(filter)).reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

test('the shipped files are what the code makes', async () => {
  expect(Buffer.compare(await readFile(join(resources, 'phantom-cnn.onnx')), buildPhantomCnn())).toBe(0);
  expect(JSON.parse(await readFile(join(resources, 'phantom-cnn.json'), 'utf8'))).toEqual(describePhantomCnn());
});

test('every filter has a name of its own', () => {
  for (const layer of describePhantomCnn()) expect(new Set(layer.filters).size).toBe(layer.filters.length);
});

describe.each([
  ['fine', 6],
  ['coarse', 12],
])('%s stripes', (scale, wavelength) => {
  test.each([
    [0, 'horizontal'],
    [30, 'gently rising'],
    [60, 'steeply rising'],
    [90, 'vertical'],
    [120, 'steeply falling'],
    [150, 'gently falling'],
  ])('at %i° excite the filter for %s ones most', async (degrees, orientation) => {
    const activations = await activationsFor(grating(degrees, wavelength));
    const isStripes = (filter: string) => /^field of .* stripes$/.test(filter);
    expect(strongest(activations, isStripes)).toBe(`field of ${scale} ${orientation} stripes`);
  });
});

test.each<[string, Rgb]>([
  ['red', [0.9, 0.1, 0.1]],
  ['yellow', [0.9, 0.9, 0.1]],
  ['green', [0.1, 0.9, 0.1]],
  ['cyan', [0.1, 0.9, 0.9]],
  ['blue', [0.1, 0.1, 0.9]],
  ['magenta', [0.9, 0.1, 0.9]],
])('a %s picture excites the filter for it and no other colour', async (hue, colour) => {
  const activations = await activationsFor(() => colour);
  const others = ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'].filter((other) => other !== hue);
  expect(activations.get(`field of ${hue}`)).toBeGreaterThan(0.2);
  for (const other of others) expect(activations.get(`field of ${other}`)).toBe(0);
});

test('light, dark, grey, small things, discs and grids are told apart', async () => {
  const grey = (value: number): Rgb => [value, value, value];
  const disc = (inside: number, outside: number) => (x: number, y: number) =>
    grey(Math.hypot(x - 80, y - 60) < 8 ? inside : outside);
  const spots = (inside: number, outside: number) => (x: number, y: number) =>
    grey(Math.hypot((x % 24) - 12, (y % 24) - 12) < 2.2 ? inside : outside);
  const [light, dark, middle] = await Promise.all([0.95, 0.05, 0.5].map((value) => activationsFor(() => grey(value))));
  expect(light!.get('field of light')).toBeGreaterThan(dark!.get('field of light')! + 0.2);
  expect(dark!.get('field of dark')).toBeGreaterThan(light!.get('field of dark')! + 0.2);
  expect(strongest(middle!, () => true)).toBe('field of smooth grey');
  const [bright, black] = [await activationsFor(disc(0.95, 0.3)), await activationsFor(disc(0.05, 0.7))];
  expect(bright.get('field of bright disc')).toBeGreaterThan(bright.get('field of dark disc')!);
  expect(black.get('field of dark disc')).toBeGreaterThan(black.get('field of bright disc')!);
  const [snow, flies] = [await activationsFor(spots(0.95, 0.3)), await activationsFor(spots(0.05, 0.7))];
  expect(snow.get('field of small bright things')).toBeGreaterThan(2 * snow.get('field of small dark things')!);
  expect(flies.get('field of small dark things')).toBeGreaterThan(2 * flies.get('field of small bright things')!);
  const windows = await activationsFor((x, y) => grey(x % 12 >= 3 && x % 12 < 9 && y % 12 >= 3 && y % 12 < 9 ? 0.9 : 0.2));
  const net = await activationsFor((x, y) => grey((x + y) % 17 < 9 && (x - y + 1700) % 17 < 9 ? 0.9 : 0.2));
  expect(windows.get('field of upright grid')).toBeGreaterThan(windows.get('field of slanting grid')!);
  expect(net.get('field of slanting grid')).toBeGreaterThan(net.get('field of upright grid')!);
});

test('things above and beside each other are told apart', async () => {
  const [red, green, cyan]: Rgb[] = [
    [0.9, 0.1, 0.1],
    [0.1, 0.9, 0.1],
    [0.1, 0.9, 0.9],
  ];
  const stacked = await activationsFor((_, y) => (y < height / 2 ? red! : green!));
  expect(stacked.get('red above green')).toBeGreaterThan(stacked.get('green above red')! + 0.02);
  const side = await activationsFor((x) => (x < width / 2 ? red! : cyan!));
  expect(side.get('red left of cyan')).toBeGreaterThan(side.get('cyan left of red')! + 0.02);
});

test('the program finds the planted layer as the last one, and every stage as a block', async () => {
  const model = describeModel(await readModel(join(resources, 'phantom-cnn.onnx')));
  expect(selectLayers(model, 'last').map(({ name }) => name)).toEqual([PLANTED_LAYER]);
  expect(selectLayers(model, 'last')[0]!.filters).toBe(filters.length);
  expect(selectLayers(model, 'blocks').map(({ name }) => name.split('.')[0])).toEqual(['stage1', 'stage2', 'stage3', 'stage4']);
  expect(selectLayers(model, 'all')).toHaveLength(4);
});
