import type { Grid } from '../../../src-preload/shared/domain/grid';
import { BrainPainter } from '../../../src-main/figures/brain/draw-brain';
import { drawAblation } from '../../../src-main/figures/kinds/ablation';
import { drawAtlas } from '../../../src-main/figures/kinds/atlas';
import { drawCalibration, type ShareLine } from '../../../src-main/figures/kinds/calibration';
import { drawComparison } from '../../../src-main/figures/kinds/comparison';
import { drawHierarchy } from '../../../src-main/figures/kinds/hierarchy';
import { drawMatrix } from '../../../src-main/figures/kinds/matrix';
import { drawNullDistributions, type PairNull } from '../../../src-main/figures/kinds/null-distribution';
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
    ...{
      map: hotSpot(40, 8, 16),
      brain: wave(0),
      network: wave(0.4 * i),
      significance: 'p < 0.001 (t-test), p = 0.004 (corrected)',
    },
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
  comparison: () =>
    drawComparison(
      [
        { name: 'LT+MSA, 8 heads (no. 3)', fbns: 4, threshold: 0.02, limit: 0.7, meanR: null },
        { name: 'LT (no. 1)', fbns: 4, threshold: 0.1, limit: 0.9, meanR: 0.62 },
        {
          name: 'a variant with a name that is far too long to be printed (no. 2)',
          fbns: 1,
          threshold: 0.1,
          limit: 0.9,
          meanR: 0.4,
        },
      ],
      [
        [
          { fbn: 2, map: hotSpot(40, 8, 16), r: null },
          { fbn: 0, map: hotSpot(36, 0, 16), r: 0.81 },
          { fbn: 0, map: hotSpot(10, 0, 16), r: -0.4 },
        ],
        [{ fbn: 0, map: hotSpot(-40, -30, 0), r: null }, { fbn: 3, map: hotSpot(-30, -30, 0), r: 0.7 }, null],
      ],
      painter(),
      { ...style, rowHeightMm: 28, palette: 'blue-red', percentiles: [40, 99] },
    ),
  'narrow pairs': () =>
    drawPairs([pairRow(0)], painter({ glass: true }), {
      ...{ ...style, widthMm: 89, rowHeightMm: 34, threshold: 0.4, palette: 'blue-red', letters: false },
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
  ablation: () =>
    drawAblation(
      ['MAE', 'DTW', 'PCC', 'Spearman'].map((name, i) => ({ name, isHigherBetter: i > 1 })),
      ['LT (no. 1)', 'LT+LSTM (no. 2)', 'LT+MSA, 8 heads, norm, positions (no. 3)'].map((name, i) => ({
        name,
        all: [1.02 - i / 20, 20 - i, 0.2 + i / 30, null],
        runs: [-1, 1].map((side) => [1.02 - i / 20 + side / 40, 20 - i + side, 0.2 + i / 30 - side / 60, null]),
        published: i === 1 ? [null, null, null, null] : [1.0, 19.4, 0.21 + i / 40, null],
      })),
      { ...style, columns: 2, about: 'ResNet-18 layer4, 64 FBNs' },
    ),
  'null distribution': () => drawNullDistributions([pairNull(0), pairNull(1), pairNull(2)], { ...style, columns: 2 }),
  hierarchy: () =>
    drawHierarchy(
      [
        profile('ResNet-18', ['relu', 'layer1', 'layer2', 'layer3', 'layer4']),
        profile('a model with a name that is far too long to be printed in one column', [
          'features.denseblock1.denselayer6',
          'conv',
        ]),
      ],
      { ...style, columns: 2 },
    ),
  calibration: () =>
    drawCalibration(
      [
        {
          ...{ title: 'Chance pairs with p ≤ 0.05', xLabel: 'φ', yLabel: 'share of pairs', isLogarithmic: false, nominal: 0.05 },
          lines: [
            shareLine('paper: t-test', 'paper', 0.8, 0.02),
            shareLine('corrected: null of the maximum', 'corrected', 0.05, 0.03),
          ],
        },
        {
          ...{ title: 'Networks with a pair', xLabel: 'noise', yLabel: 'share', isLogarithmic: true, nominal: null },
          lines: [shareLine('true, paper', 'paper', 0.9), { ...shareLine('true, corrected', 'corrected', 0.85), isDashed: true }],
        },
      ],
      { ...style, columns: 2, about: 'a study: statistics.json' },
    ),
};

function pairNull(i: number): PairNull {
  const maxima = Float32Array.from({ length: 300 }, (_, n) => 0.14 + 0.04 * Math.sin(n * 1.7) * Math.cos(n / 3) ** 2 + n / 9000);
  return {
    ...{ fbn: 3 + i, filter: 107, model: 'ResNet-18', layer: 'layer4', movieRun: 'movie 2', r: 0.34 - 0.2 * i, maxima },
    ...{ pNaive: 0.0004 * 40 ** i, pCorrected: 0.004 + i * 0.2, partners: '512 filters', method: 'circular shifts' },
  };
}

function profile(model: string, layers: string[]) {
  const fbns = [0, 1, 2, 3].map((fbn) => {
    const r = layers.map((_, place) => (fbn === 3 && place === 0 ? null : 0.3 - 0.1 * Math.abs(place - fbn)));
    return { fbn, r, best: Math.min(fbn, layers.length - 1), centre: fbn === 2 ? null : fbn / 3 };
  });
  return { model, layers, fbns };
}

function shareLine(label: string, way: ShareLine['way'], share: number, error?: number): ShareLine {
  const points = [0.5, 1, 2, 4].map((x) => ({ x, share: share - x / 100, ...(error !== undefined && { error }) }));
  return { label, way, isDashed: false, points };
}
