import type { Grid } from '../../../src-preload/shared/domain/grid';
import { BrainPainter } from '../../../src-main/figures/brain/draw-brain';
import { drawAtlas } from '../../../src-main/figures/kinds/atlas';
import { drawMatrix } from '../../../src-main/figures/kinds/matrix';
import { drawPairs, type PairRow } from '../../../src-main/figures/kinds/pairs';
import { drawRegression } from '../../../src-main/figures/kinds/regression';
import type { Raster, Scene } from '../../../src-main/figures/drawing/scene';

/** A ball of a brain on an 8 mm grid, with one hot spot on the subject's right. */
export const grid: Grid = { shape: [23, 27, 23], affine: [8, 0, 0, -88, 0, 8, 0, -104, 0, 0, 8, -88, 0, 0, 0, 1] };
const centre = (voxel: number) => [
  (voxel % 23) * 8 - 88,
  (Math.floor(voxel / 23) % 27) * 8 - 104,
  Math.floor(voxel / 621) * 8 - 88,
];
export const voxels = Int32Array.from(
  Array.from({ length: 23 * 27 * 23 }, (_, voxel) => voxel).filter((voxel) => Math.hypot(...centre(voxel)) < 72),
);
export const hotSpot = (x: number, y: number, z: number) =>
  Float32Array.from(voxels, (voxel) => {
    const [vx, vy, vz] = centre(voxel) as [number, number, number];
    return Math.exp(-((vx - x) ** 2 + (vy - y) ** 2 + (vz - z) ** 2) / 600) - 0.02 * Math.sign(vx);
  });

export function painter(options: { glass?: boolean; radiological?: boolean } = {}): BrainPainter {
  const values = new Float32Array(23 * 27 * 23).fill(NaN);
  for (const voxel of voxels) values[voxel] = Math.hypot(...centre(voxel)) / 72;
  return new BrainPainter(
    { grid, voxels, background: { grid, values } },
    { dpi: 100, palette: 'blue-red', glass: false, radiological: false, ...options },
  );
}

function plainRaster(red: number): Raster {
  const rgba = new Uint8Array(16 * 9 * 4).fill(255);
  for (let i = 0; i < rgba.length; i += 4) rgba.set([red, (i / 4) % 255, 90, 255], i);
  return { width: 16, height: 9, rgba };
}

export function pairRow(i: number): PairRow {
  const wave = (phase: number) => Float32Array.from({ length: 200 }, (_, t) => Math.sin(t / 7 + phase) + 0.3 * Math.sin(t / 2.3));
  return {
    ...{ fbn: 25 + i, filter: 107, model: 'ResNet-18', layer: 'layer4', movieRun: 'movie 2', trSeconds: 1, r: 0.412 - i },
    ...{ map: hotSpot(40, 8, 16), brain: wave(0), network: wave(0.4 * i), significance: 'p < 0.001 (t-test, N − 2)' },
    terms: [
      { term: 'place', r: 0.31 },
      { term: 'navigation of a very long name that cannot stand in full', r: -0.27 },
    ],
    ...{ label: 'rock (IoU 0.12, chance 0.03)', images: [plainRaster(40), plainRaster(80)] },
    frames: [10, 71].map((seconds) => ({ seconds, raster: plainRaster(seconds * 3) })),
  };
}

const style = { widthMm: 183, fontSize: 6, title: 'An example & its <title>' };
const points = [
  ['AlexNet', 56.5, 0.21],
  ['ResNet-18', 69.8, 0.26],
  ['VGG-16', 71.6, 0.25],
  ['ResNet-50', 76.1, 0.31],
] as const;

/** A figure of every kind, from made-up data. */
export const examples: Record<string, () => Scene> = {
  pairs: () =>
    drawPairs([pairRow(0), pairRow(1)], painter(), {
      ...{ ...style, rowHeightMm: 36, threshold: 0.4, palette: 'blue-red', letters: true },
    }),
  atlas: () =>
    drawAtlas(
      [-40, 0, 40].map((x, fbn) => ({ fbn, map: hotSpot(x, 0, 0), note: 'ISC 0.31' })),
      painter(),
      { ...style, threshold: 0.4, palette: 'purple-orange', columns: 2, cuts: 5 },
    ),
  'glass atlas': () =>
    drawAtlas([{ fbn: 3, map: hotSpot(40, 0, 0), note: '' }], painter({ glass: true }), {
      ...{ ...style, threshold: 0.4, palette: 'blue-red', columns: 3, cuts: 3 },
    }),
  matrix: () =>
    drawMatrix(
      [
        { model: 'ResNet-18', layer: 'layer3', values: [0.21, null], published: [null, null] },
        { model: 'ResNet-18', layer: 'layer4', values: [0.31, 0.28], published: [0.33, null] },
        {
          model: 'a model with a name that is far too long to be printed',
          layer: 'conv5',
          values: [0.11, 0.2],
          published: [null, null],
        },
      ],
      ['movie 1', 'movie 2'],
      { ...style, measure: 'mean r' },
    ),
  regression: () =>
    drawRegression(
      ['movie 1', 'movie 2'].map((movieRun, i) => ({
        movieRun,
        points: points.map(([model, top1, meanR]) => ({ model, top1, meanR: meanR + i / 50 })),
      })),
      { ...style, columns: 2, yLabel: 'mean r' },
    ),
};
