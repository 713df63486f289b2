import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import sharp from 'sharp';
import { Generator } from '../../src-main/embedding/generator';
import { readNpz } from '../../src-main/files/npz';
import { readMask, unmask, type Mask } from '../../src-main/fmri/mask';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { MNI_4MM } from '../../src-preload/shared/domain/grid';
import { runJson } from '../e2e/cli';
import { realdataPath } from '../realdata/realdata-folder';

/** What is real and what is made up of the walk-through. */
export interface MeaningSize {
  subjects: number;
  fbns: number;
  /** All 50 topics of Neurosynth 7, or 100 words of 20 of its studies. */
  terms: 'topics' | 'small';
  permutations: number;
}

export const FULL_MEANING: MeaningSize = { subjects: 5, fbns: 6, terms: 'topics', permutations: 999 };

/** Two frames of the clips (25 per second) in every TR. */
const TR = 2 / 25;
const LAYER = 'relu_conv_final';
const clips = { 'task-bunny': 'bigbuckbunny.mp4', 'task-bikes': 'bikes.mp4' };

/** Where networks are put, in MNI mm: both superior temporal gyri, both motion areas, the left hand area, both hippocampi. */
const networks: [x: number, y: number, z: number][][] = [
  [
    [-58, -20, 4],
    [60, -20, 4],
  ],
  [
    [48, -66, 2],
    [-46, -70, 2],
  ],
  [[-38, -22, 58]],
  [
    [-24, -20, -16],
    [26, -18, -16],
  ],
];

/**
 * A project in which every part of a pair has something to show: the trained SqueezeNet on two real clips, terms of Neurosynth, photos and
 * dissected colours for its last layer. The scans are made up: networks at known places that follow one filter each.
 * @returns the project's folder
 */
export async function makeMeaningProject(
  size: MeaningSize,
  folder: string,
  tell: (line: string) => void = () => {},
): Promise<string> {
  const project = join(folder, 'meaning.syncact');
  const cnn = realdataPath('cnn', 'squeezenet_v1.0_imagenet.onnx');
  const preprocessing = ['--normalisation', 'none', '--channel-order', 'BGR', '--mean', '104,117,123'];
  await runJson('init', project);
  tell('running the CNN over the clips');
  const series: Record<string, Float32Array[]> = {};
  for (const [run, clip] of Object.entries(clips))
    series[run] = await filterSeries([cnn, realdataPath('movie', clip)], join(folder, `${run}.npz`), preprocessing);
  tell('making scans');
  const mask = await readMask(realdataPath('volumes', '2mm-MNI152-2009fsl-mask.nii.gz'), MNI_4MM);
  const maskFile = join(folder, 'mask.nii.gz');
  const inside = unmask(new Float32Array(mask.voxels.length).fill(1), mask);
  await writeNifti(maskFile, { grid: mask.grid, volumes: [inside], count: 1, dataType: 'uint8', spaceCode: 4 });
  const bids = await writeScans(join(folder, 'bids'), size.subjects, mask, chooseSeries(series));
  await runJson('import-fmri', project, '--bids', bids, '--mask', maskFile);
  for (const [run, clip] of Object.entries(clips))
    await runJson('import-movie', project, '--run', run, '--video', realdataPath('movie', clip), '--tr', String(TR));
  await runJson('import-model', project, cnn, '--name', 'SqueezeNet', '--trained-on', 'ImageNet', ...preprocessing);
  tell('extracting, decomposing, coupling');
  await runJson('extract', project, '--model', 'SqueezeNet', '--layers', LAYER);
  // So short a movie is soon said by components; a trained embedding would need many more time points.
  await runJson('decompose', project, '--method', 'group-ica', '--fbns', String(size.fbns));
  await runJson('couple', project, '--mode', 'corrected');
  tell('terms');
  const neurosynth = size.terms === 'topics' ? realdataPath('neurosynth') : realdataPath('neurosynth', 'small');
  await runJson(
    'import-terms',
    project,
    '--neurosynth',
    neurosynth,
    ...(size.terms === 'topics' ? ['--vocabulary', 'LDA50'] : []),
  );
  await runJson('decode', project, '--null', 'spatial', '--permutations', String(size.permutations));
  tell('labels and pictures');
  await runJson(
    'import-labels',
    project,
    writeClasses(folder),
    '--model',
    'SqueezeNet',
    '--layer',
    LAYER,
    '--name',
    'ImageNet class',
  );
  const photos = await writePhotos(join(folder, 'photos'));
  await runJson('dissect', project, photos, '--model', 'SqueezeNet', '--layer', LAYER, '--name', 'colours of photos');
  return project;
}

/** The largest value of every filter of the last convolution in every frame: [filters][frames]. */
async function filterSeries([cnn, clip]: [string, string], out: string, preprocessing: string[]): Promise<Float32Array[]> {
  await runJson('activations', cnn, clip, out, '--layers', LAYER, '--tr', String(TR), ...preprocessing);
  const [array] = (await readNpz(out)).values();
  const [frames, filters] = array!.shape as [number, number];
  const data = array!.data as Float32Array;
  return Array.from({ length: filters }, (_, filter) =>
    Float32Array.from({ length: frames }, (_frame, frame) => data[frame * filters + filter]!),
  );
}

/** By movie run, the z-scored series that the networks follow. */
type NetworkSeries = Record<string, Float64Array[]>;

/** For every network the filter that varies most in both clips and is least like those before it. */
function chooseSeries(series: Record<string, Float32Array[]>): NetworkSeries {
  const runs = Object.keys(series);
  const z = Object.fromEntries(runs.map((run) => [run, series[run]!.map(zScored)]));
  const usable = [...series[runs[0]!]!.keys()].filter((filter) => runs.every((run) => z[run]![filter]!.every(Number.isFinite)));
  const changes = (filter: number) =>
    Math.min(...runs.map((run) => new Set(series[run]![filter]!).size / series[run]![filter]!.length));
  const lively = usable.filter((filter) => changes(filter) > 0.5);
  const chosen: number[] = [];
  const likeness = (filter: number, other: number) =>
    Math.max(
      ...runs.map(
        (run) =>
          Math.abs(z[run]![filter]!.reduce((sum, value, t) => sum + value * z[run]![other]![t]!, 0)) / z[run]![filter]!.length,
      ),
    );
  while (chosen.length < networks.length) {
    const worst = (filter: number) => Math.max(0, ...chosen.map((other) => likeness(filter, other)));
    chosen.push(lively.reduce((best, filter) => (worst(filter) < worst(best) && !chosen.includes(filter) ? filter : best)));
  }
  return Object.fromEntries(runs.map((run) => [run, chosen.map((filter) => z[run]![filter]!)]));
}

function zScored(values: Float32Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return Float64Array.from(values, (value) => (deviation > 0 ? (value - mean) / deviation : NaN));
}

/** A BIDS dataset: every network a smooth blob that follows its series, in noise. */
async function writeScans(root: string, subjects: number, mask: Mask, series: NetworkSeries): Promise<string> {
  const generator = Generator.fromSeed(11);
  const blobs = networks.map((places) => blobOf(places, mask));
  for (let subject = 1; subject <= subjects; subject++) {
    const name = `sub-${String(subject).padStart(2, '0')}`;
    const func = join(root, name, 'func');
    mkdirSync(func, { recursive: true });
    for (const [run, own] of Object.entries(series)) {
      const count = own[0]!.length;
      const file = join(func, `${name}_${run}_bold.nii`);
      const volumes = scanVolumes(blobs, own, mask, generator);
      await writeNifti(file, { grid: mask.grid, volumes, count, trSeconds: TR, dataType: 'int16', spaceCode: 4 });
    }
  }
  writeFileSync(join(root, 'dataset_description.json'), JSON.stringify({ Name: 'made up', BIDSVersion: '1.10.0' }));
  return root;
}

function blobOf(places: [number, number, number][], { grid, voxels }: Mask): Float32Array {
  const [nx, ny] = grid.shape;
  return Float32Array.from(voxels, (voxel) => {
    const at = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
    const mm = [0, 4, 8].map((row) =>
      at.reduce((sum, index, axis) => sum + grid.affine[row + axis]! * index, grid.affine[row + 3]!),
    );
    const squares = places.map((place) => place.reduce((sum, value, axis) => sum + (value - mm[axis]!) ** 2, 0));
    return Math.exp(-Math.min(...squares) / (2 * 9 ** 2));
  });
}

function* scanVolumes(blobs: Float32Array[], series: Float64Array[], mask: Mask, generator: Generator): Iterable<Float32Array> {
  const values = new Float32Array(mask.voxels.length);
  const own = series.map(() => Float64Array.from({ length: series[0]!.length }, () => 0.5 * generator.nextSymmetric()));
  for (let time = 0; time < series[0]!.length; time++) {
    for (let n = 0; n < values.length; n++) values[n] = 1000 + 60 * generator.nextSymmetric();
    for (const [network, blob] of blobs.entries()) {
      const size = 30 * (series[network]![time]! + own[network]![time]!);
      for (let n = 0; n < values.length; n++) values[n]! += size * blob[n]!;
    }
    yield unmask(values, mask);
  }
}

/** The filters of the last convolution are ImageNet's classes: their names as a table of unit and label. */
function writeClasses(folder: string): string {
  const names = readFileSync(realdataPath('cnn', 'imagenet_labels.txt'), 'utf8').trim().split('\n');
  const rows = names.map((name, unit) => `${unit},"${name.split(',')[0]!.trim()}"`);
  const file = join(folder, 'classes.csv');
  writeFileSync(file, ['unit,label', ...rows].join('\n'));
  return file;
}

/** Names of colours, as Broden has them, at places in RGB. */
const colours: Record<string, [number, number, number]> = {
  ...{ 'black-c': [15, 15, 15], 'white-c': [240, 240, 240], 'grey-c': [128, 128, 128], 'brown-c': [120, 75, 40] },
  ...{ 'red-c': [190, 40, 40], 'green-c': [60, 140, 60], 'blue-c': [60, 90, 180], 'orange-c': [230, 140, 50] },
};
const TILE = 227;

/** Tiles of the photos in the format of Broden, each pixel labelled with the name of the colour that is nearest. */
async function writePhotos(folder: string): Promise<string> {
  mkdirSync(join(folder, 'images'), { recursive: true });
  const rows = ['image,split,ih,iw,sh,sw,color'];
  const source = realdataPath('photos');
  for (const photo of (await readdir(source)).sort()) {
    const { width, height } = await sharp(join(source, photo)).metadata();
    const [across, down] = [Math.max(1, Math.floor(width / 170)), Math.max(1, Math.floor(height / 170))];
    for (let tile = 0; tile < across * down; tile++) {
      const [x, y] = [tile % across, Math.floor(tile / across)];
      const area = {
        ...{ left: Math.floor((x * width) / across), top: Math.floor((y * height) / down) },
        ...{ width: Math.floor(width / across), height: Math.floor(height / down) },
      };
      const pixels = await sharp(join(source, photo))
        .extract(area)
        .resize(TILE, TILE, { fit: 'fill' })
        .flatten()
        .toColourspace('srgb')
        .removeAlpha()
        .raw()
        .toBuffer();
      const name = `${parse(photo).name}-${tile}`;
      const raw = { width: TILE, height: TILE, channels: 3 as const };
      await sharp(pixels, { raw })
        .jpeg({ quality: 92 })
        .toFile(join(folder, 'images', `${name}.jpg`));
      await sharp(nearestColours(pixels), { raw })
        .png()
        .toFile(join(folder, 'images', `${name}_color.png`));
      rows.push(`${name}.jpg,val,${TILE},${TILE},${TILE},${TILE},${name}_color.png`);
    }
  }
  writeFileSync(join(folder, 'index.csv'), rows.join('\n'));
  const labels = Object.keys(colours).map((name, i) => `${i + 1},${name},color`);
  writeFileSync(join(folder, 'label.csv'), ['number,name,category', ...labels].join('\n'));
  return folder;
}

function nearestColours(pixels: Buffer): Buffer {
  const places = Object.values(colours);
  const labels = Buffer.alloc(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const distances = places.map(([r, g, b]) => (pixels[at]! - r) ** 2 + (pixels[at + 1]! - g) ** 2 + (pixels[at + 2]! - b) ** 2);
    labels[at] = distances.indexOf(Math.min(...distances)) + 1;
  }
  return labels;
}

/** An atlas of halves and lobes, as coarse as boxes: enough to see where its names are shown. */
export async function writeAtlas(folder: string): Promise<{ file: string; names: string }> {
  const names = ['frontal', 'central', 'parietal', 'occipital', 'temporal'];
  const [nx, ny, nz] = MNI_4MM.shape;
  const labels = Float32Array.from({ length: nx * ny * nz }, (_, voxel) => {
    const [x, y, z] = [
      4 * (voxel % nx) - 90,
      4 * (Math.floor(voxel / nx) % ny) - 126,
      4 * Math.floor(voxel / (nx * ny)) - 72,
    ] as const;
    const part = z < 16 && Math.abs(x) > 20 && y > -62 && y < 20 ? 5 : y > 0 ? 1 : y > -32 ? 2 : y > -62 ? 3 : 4;
    return part + (x < 0 ? 0 : 5);
  });
  const file = join(folder, 'made-up-atlas.nii.gz');
  await writeNifti(file, { grid: MNI_4MM, volumes: [labels], count: 1, dataType: 'uint8', spaceCode: 4 });
  const table = join(folder, 'made-up-atlas.txt');
  writeFileSync(table, ['L', 'R'].flatMap((side, i) => names.map((name, n) => `${i * 5 + n + 1} ${name}_${side}`)).join('\n'));
  return { file, names: table };
}
