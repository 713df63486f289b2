import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describeModel } from '../../src-main/cnn/describe-model';
import { LayerMaps } from '../../src-main/cnn/layer-maps';
import { readModel } from '../../src-main/cnn/read-model';
import { selectLayers } from '../../src-main/cnn/select-layers';
import { IMAGENET_PREPROCESSING } from '../../src-main/cnn/preprocessing';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { dissect } from '../../src-main/semantics/dissection/dissect';
import { BATCH } from '../../src-main/semantics/dissection/look';
import { openConceptImages } from '../../src-main/semantics/dissection/read-concepts';
import { SavedState } from '../../src-main/semantics/dissection/saved-state';
import { quietContext } from '../../src-preload/shared/domain/work';
import { median, milliseconds, type BenchmarkResult } from './benchmark';
import { buildResNet18 } from './resnet18';

const SIZE = 227;
const IMAGES = 64;
const ROUNDS = 3;

/** Pictures that a dissection of ResNet-18's last block looks at per second, against the CNN alone on pictures that are there already. */
export async function run(): Promise<BenchmarkResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dissection-'));
  try {
    await writeImages(folder);
    writeFileSync(join(folder, 'cnn.onnx'), buildResNet18());
    const model = await readModel(join(folder, 'cnn.onnx'));
    const layer = selectLayers(describeModel(model), 'last')[0]!;
    const size = { width: SIZE, height: SIZE };
    const maps = await LayerMaps.open({ engine: onnxruntimeEngine, model, layer, preprocessing: IMAGENET_PREPROCESSING, size });
    const pixels = new Uint8Array(BATCH * SIZE * SIZE * 3).map((_, i) => (i * 31) % 251);
    await maps.run(pixels, BATCH);
    const images = await openConceptImages(folder);
    // The machine may do something else for a while: rounds in turn, and the median of their ratios.
    const rounds: { bare: number; dissected: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bareMs = await milliseconds(async () => {
        for (let start = 0; start < 2 * IMAGES; start += BATCH) await maps.run(pixels, BATCH);
      });
      const state = new SavedState(join(folder, `state-${round}`), 'bench');
      const found = await dissect({ images, maps, quantile: 0.005, count: 1, state }, quietContext());
      rounds.push({ bare: (2 * IMAGES) / (bareMs / 1000), dissected: found.picturesPerSecond! });
    }
    await maps.release();
    return {
      name: 'dissection',
      ratio: `pictures per second of a dissection ÷ of the CNN alone, ${SIZE} × ${SIZE}`,
      value: median(rounds.map(({ bare, dissected }) => dissected / bare)),
      bound: { atLeast: 0.8 },
      details: {
        barePicturesPerSecond: median(rounds.map(({ bare }) => bare)),
        picturesPerSecond: median(rounds.map(({ dissected }) => dissected)),
        ratios: rounds.map(({ bare, dissected }) => (dissected / bare).toFixed(2)).join(' '),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pictures of noise, the left half of each an object, in the format of Broden. */
async function writeImages(folder: string): Promise<void> {
  mkdirSync(join(folder, 'images'));
  const half = Math.floor(SIZE / 2);
  const segmentation = Buffer.alloc(half * half * 3);
  for (let pixel = 0; pixel < half * half; pixel++) segmentation[pixel * 3] = pixel % half < half / 2 ? 1 : 2;
  const rows = ['image,split,ih,iw,sh,sw,object'];
  for (let n = 0; n < IMAGES; n++) {
    const pixels = Buffer.alloc(SIZE * SIZE * 3, 0).map((_, i) => (Math.imul(i + n, 2654435761) >>> 24) & 255);
    const raw = { width: SIZE, height: SIZE, channels: 3 as const };
    await sharp(pixels, { raw })
      .jpeg()
      .toFile(join(folder, 'images', `${n}.jpg`));
    await sharp(segmentation, { raw: { ...raw, width: half, height: half } })
      .png()
      .toFile(join(folder, 'images', `${n}_object.png`));
    rows.push(`${n}.jpg,val,${SIZE},${SIZE},${half},${half},${n}_object.png`);
  }
  writeFileSync(join(folder, 'index.csv'), rows.join('\n'));
  writeFileSync(join(folder, 'label.csv'), 'number,name,category\n1,left,object\n2,right,object');
}
