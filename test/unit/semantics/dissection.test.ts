import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeModel } from '../../../src-main/cnn/describe-model';
import { LayerMaps } from '../../../src-main/cnn/layer-maps';
import { readModel } from '../../../src-main/cnn/read-model';
import { selectLayers } from '../../../src-main/cnn/select-layers';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';
import { GraphBuilder } from '../../../src-main/onnx/graph-builder';
import type { ConceptImages } from '../../../src-main/semantics/dissection/concepts';
import { dissect } from '../../../src-main/semantics/dissection/dissect';
import { findFilterImages } from '../../../src-main/semantics/dissection/filter-images';
import { openFilterPictures, writeFilterPictures } from '../../../src-main/semantics/dissection/picture-file';
import { readPicture } from '../../../src-main/semantics/dissection/picture-feed';
import { openConceptImages } from '../../../src-main/semantics/dissection/read-concepts';
import { SavedState } from '../../../src-main/semantics/dissection/saved-state';
import { TopValues } from '../../../src-main/semantics/dissection/top-values';
import { Upsampler } from '../../../src-main/semantics/dissection/upsample';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';

const SIZE = 64;
const IMAGES = 24;
const QUANTILE = 0.02;
let folder: string;
let images: ConceptImages;
let maps: LayerMaps;

/** Uneven numbers in [0, 1), the same every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Red, green or blue: what each filter of the CNN answers to, and a concept of the pictures. */
const colours = ['red', 'green', 'blue'] as const;

/**
 * Pictures of one coloured square on noise, in the format of Broden: the square is an object called by its colour, all of it a scene
 * called "dim" or "bright", at half the pictures' size.
 */
async function writeBroden(root: string): Promise<void> {
  await mkdir(join(root, 'images'), { recursive: true });
  const random = generator(7);
  const index = ['image,split,ih,iw,sh,sw,object,scene'];
  for (let n = 0; n < IMAGES; n++) {
    const pixels = Buffer.from(Array.from({ length: SIZE * SIZE * 3 }, () => Math.floor(random() * 90)));
    const half = SIZE / 2;
    const segmentation = Buffer.alloc(half * half * 3);
    const side = 14 + Math.floor(random() * 20);
    const [left, top] = [Math.floor(random() * (SIZE - side)), Math.floor(random() * (SIZE - side))];
    const colour = n % 3;
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) {
        for (let c = 0; c < 3; c++) pixels[(y * SIZE + x) * 3 + c] = c === colour ? 230 + Math.floor(random() * 20) : 20;
        // Number 300 needs the second byte.
        const number = 298 + colour;
        const at = ((y >> 1) * half + (x >> 1)) * 3;
        segmentation[at] = number % 256;
        segmentation[at + 1] = Math.floor(number / 256);
      }
    }
    const raw = { channels: 3 as const };
    await sharp(pixels, { raw: { ...raw, width: SIZE, height: SIZE } })
      .png()
      .toFile(join(root, 'images', `p${n}.png`));
    await sharp(segmentation, { raw: { ...raw, width: half, height: half } })
      .png()
      .toFile(join(root, 'images', `p${n}_object.png`));
    index.push(`p${n}.png,val,${SIZE},${SIZE},${half},${half},p${n}_object.png,${n % 2 ? 5 : 6}`);
  }
  await writeFile(join(root, 'index.csv'), index.join('\n'));
  const labels = [
    'number,name,category',
    '5,dim-s,scene',
    '6,bright-s,scene',
    '298,red,object',
    '299,green,object',
    '300,blue,object',
  ];
  await writeFile(join(root, 'label.csv'), labels.join('\n'));
}

/** A CNN of one layer: filter c answers to colour c against the others, on a coarse grid. */
async function writeCnn(path: string): Promise<void> {
  const graph = new GraphBuilder('colours');
  const input = graph.input('pictures', 'float', ['n', 3, SIZE, SIZE]);
  const weights = new Float32Array(3 * 3 * 64);
  for (let filter = 0; filter < 3; filter++) {
    for (let channel = 0; channel < 3; channel++)
      weights.fill((filter === channel ? 1 : -1) / 64, (filter * 3 + channel) * 64, (filter * 3 + channel + 1) * 64);
  }
  const kernel = graph.constant('weights', [3, 3, 8, 8], weights);
  const convolved = graph.node('Conv', [input, kernel], { kernel_shape: [8, 8], strides: [4, 4] }, 'conv');
  graph.output('out', graph.node('Relu', [convolved]), 'float', ['n', 3, 15, 15]);
  await writeFile(path, graph.encode());
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dissection-'));
  await writeBroden(join(folder, 'broden'));
  await writeCnn(join(folder, 'cnn.onnx'));
  images = await openConceptImages(join(folder, 'broden'));
  const model = await readModel(join(folder, 'cnn.onnx'));
  const layer = selectLayers(describeModel(model), 'all').at(-1)!;
  const preprocessing = { mean: [0, 0, 0], std: [1, 1, 1], scale: 1 / 255, channelOrder: 'RGB' as const };
  maps = await LayerMaps.open({ engine: onnxruntimeEngine, model, layer, preprocessing, size: { width: SIZE, height: SIZE } });
});
afterAll(async () => {
  await maps.release();
  await rm(folder, { recursive: true, force: true });
});

const request = (name: string) => ({
  images,
  maps,
  quantile: QUANTILE,
  count: 3,
  state: new SavedState(join(folder, name), name),
});

describe('dissection', () => {
  /** Everything at once, from the definitions: all activations sorted, every map spread over its picture, every pixel looked at. */
  async function direct() {
    const all: { data: Float32Array; width: number; height: number }[] = [];
    for (const file of images.images) all.push(await maps.run(await readPicture(file, maps.size), 1));
    const { width, height } = all[0]!;
    const cells = width * height;
    const thresholds = [0, 1, 2].map((filter) => {
      const values = all.flatMap(({ data }) => [...data.subarray(filter * cells, (filter + 1) * cells)]).sort((a, b) => b - a);
      return values[Math.floor(values.length * QUANTILE)]!;
    });
    const iou = async (filter: number, concept: number) => {
      let [both, union] = [0, 0];
      for (const [n, { data }] of all.entries()) {
        const labels = await images.labels(n);
        if (!labels.categories.includes(images.concepts[concept]!.category)) continue;
        for (let y = 0; y < labels.height; y++) {
          for (let x = 0; x < labels.width; x++) {
            const pixel = y * labels.width + x;
            const isLabelled = labels.whole.includes(concept) || labels.planes.some((plane) => plane[pixel] === concept + 1);
            const isActive =
              spread(data, filter * cells, width, height, (x + 0.5) / labels.width, (y + 0.5) / labels.height) >
              thresholds[filter]!;
            if (isLabelled && isActive) both++;
            if (isLabelled || isActive) union++;
          }
        }
      }
      return both / union;
    };
    return { thresholds, iou };
  }

  function spread(data: Float32Array, at: number, width: number, height: number, u: number, v: number): number {
    const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
    const x = clamp(u * width - 0.5, width - 1);
    const y = clamp(v * height - 0.5, height - 1);
    const [i, j] = [Math.min(width - 2, Math.floor(x)), Math.min(height - 2, Math.floor(y))];
    const value = (dx: number, dy: number) => data[at + (j + dy) * width + i + dx]!;
    const [a, b] = [x - i, y - j];
    return (value(0, 0) * (1 - a) + value(1, 0) * a) * (1 - b) + (value(0, 1) * (1 - a) + value(1, 1) * a) * b;
  }

  test('finds the planted concepts, with the IoU of a direct computation and far above chance', async () => {
    const found = await dissect(request('whole'), quietContext());
    const wanted = await direct();
    expect([...found.thresholds]).toEqual(wanted.thresholds.map(Math.fround));
    for (const filter of [0, 1, 2]) {
      const [object, scene] = found.labels[filter]!;
      expect(images.concepts[object!.concept]!.name).toBe(colours[filter]);
      expect(object!.iou).toBeCloseTo(await wanted.iou(filter, object!.concept), 3);
      expect(scene!.iou).toBeCloseTo(await wanted.iou(filter, scene!.concept), 3);
      expect(object!.iou).toBeGreaterThan(0.15);
      expect(object!.chance).toBeLessThan(object!.iou / 3);
      expect(scene!.chance).toBeGreaterThan(0);
    }
    expect(existsSync(join(folder, 'whole'))).toBe(false);
  });

  test.each(['finding thresholds', 'measuring overlap'])('interrupted while %s it goes on and finds the same', async (stage) => {
    const name = stage.replace(' ', '-');
    const whole = await dissect(request('other'), quietContext());
    const canceller = new AbortController();
    const stopping = {
      ...quietContext(),
      signal: canceller.signal,
      progress: (one: { stage: string; done: number }) => one.stage === stage && one.done >= 16 && canceller.abort(),
    };
    await expect(dissect(request(name), stopping)).rejects.toThrow(CancelledError);
    expect(existsSync(join(folder, name))).toBe(true);
    const done: string[] = [];
    const watching = {
      ...quietContext(),
      progress: (one: { stage: string; done: number }) => done.push(`${one.stage} ${one.done}`),
    };
    const resumed = await dissect(request(name), watching as never);
    expect(done[0]).toBe(`${stage} 24`);
    expect(resumed.labels).toEqual(whole.labels);
    expect(resumed.thresholds).toEqual(whole.thresholds);
    expect([...resumed.pictures.picture]).toEqual([...whole.pictures.picture]);
  });

  test('the pictures of a filter are those of its colour, strongest first', async () => {
    const { pictures } = await dissect(request('pictures'), quietContext());
    const path = join(folder, 'pictures.safetensors');
    await writeFilterPictures(path, pictures);
    const file = await openFilterPictures(path);
    for (const filter of [0, 1, 2]) {
      const list = file.list(filter);
      expect(list.length).toBe(3);
      expect(list[0]!.activation).toBeGreaterThanOrEqual(list[1]!.activation);
      for (const { name } of list) expect(Number(/\d+/.exec(name)![0]) % 3).toBe(filter);
      expect(await sharp(await file.read(filter, 0)).metadata()).toMatchObject({ format: 'jpeg', width: 128, height: 128 });
    }
    expect(() => file.read(0, 3)).toThrow(/no picture 4/);
    await file.close();
  });
});

test('any folder of pictures: the same ones, without labels', async () => {
  const files = images.images;
  const found = await findFilterImages(
    { files, maps, count: 2, state: new SavedState(join(folder, 'state'), 'k') },
    quietContext(),
  );
  expect(found.filters).toBe(3);
  expect(found.jpegs.every((jpeg) => jpeg !== null)).toBe(true);
  expect(Number(/\d+/.exec(found.names[found.picture[2]!]!)![0]) % 3).toBe(1);
});

describe('labelled pictures', () => {
  test('masks: bright where the concept is, in folders by concept', async () => {
    const root = join(folder, 'masked');
    await mkdir(join(root, 'images'), { recursive: true });
    await mkdir(join(root, 'masks', 'dog'), { recursive: true });
    const blank = (value: number) =>
      sharp({ create: { width: 56, height: 56, channels: 3, background: { r: value, g: value, b: value } } });
    await blank(90)
      .jpeg()
      .toFile(join(root, 'images', 'a.jpg'));
    await blank(90)
      .jpeg()
      .toFile(join(root, 'images', 'b.jpg'));
    await blank(255)
      .png()
      .toFile(join(root, 'masks', 'dog', 'b.png'));
    const masked = await openConceptImages(root);
    expect(masked.concepts).toEqual([{ name: 'dog', category: 0 }]);
    expect((await masked.labels(0)).planes).toEqual([]);
    expect((await masked.labels(1)).planes[0]!.every((label) => label === 1)).toBe(true);
    await blank(255)
      .png()
      .toFile(join(root, 'masks', 'dog', 'c.png'));
    await expect(openConceptImages(root)).rejects.toThrow(/a mask belongs to no picture: .*c\.png/);
  });

  test('what cannot be read is named in one line', async () => {
    const root = join(folder, 'wrong');
    await mkdir(join(root, 'images'), { recursive: true });
    await expect(openConceptImages(root)).rejects.toThrow(/no labelled images/);
    await writeFile(join(root, 'index.csv'), 'image,split,ih,iw,sh,sw,object\na.png,val,8,8,4,4,a_o.png');
    await writeFile(join(root, 'label.csv'), 'number,name,category\n1,dog,animal');
    await expect(openConceptImages(root)).rejects.toThrow(/a label cannot be placed: .*one of object.*1, animal in line 2/);
    await writeFile(join(root, 'label.csv'), 'number,name,category\n1,dog,object(3)');
    const open = await openConceptImages(root);
    await expect(open.labels(0)).rejects.toThrow(/a picture cannot be read: .*a_o\.png/);
    const grey = sharp({ create: { width: 5, height: 4, channels: 3, background: { r: 1, g: 0, b: 0 } } });
    await grey.png().toFile(join(root, 'images', 'a_o.png'));
    await expect(open.labels(0)).rejects.toThrow(/of another size than the index says.*expected 4 × 4, found 5 × 4/);
  });
});

test('thresholds that stream equal sorting everything, also with many equal values', () => {
  const random = generator(3);
  const values = Float32Array.from({ length: 40_000 }, () => Math.max(0, random() - 0.7));
  const top = new TopValues(2, values.length, 0.005);
  const other = values.map((value) => (value > 0.2 ? 1 : 0));
  for (let start = 0; start < values.length; start += 500) {
    top.add(0, values, start, start + 500);
    top.add(1, other, start, start + 500);
    if (start !== 20_000) continue;
    const saved = top.save();
    top.restore({ counts: saved.counts.slice(), floors: saved.floors.slice(), kept: saved.kept.slice() });
  }
  const sorted = values.slice().sort().reverse();
  expect([...top.thresholds()]).toEqual([sorted[200], 1]);
});

test('a map spread over a picture keeps its values at the cells’ centres', () => {
  const upsampler = new Upsampler({ width: 2, height: 1 }, { width: 8, height: 4 });
  const places = new Int32Array(32);
  const count = upsampler.above(Float32Array.of(9, 0, 1), 1, 0.5, places);
  expect(count).toBe(16);
  expect([...places.subarray(0, 4)]).toEqual([4, 5, 6, 7]);
});
