import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, truncateSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import { MNI_4MM, type Grid } from '../../src-preload/shared/domain/grid';
import type { CheckpointDescription } from '../../src-main/embedding/checkpoint';
import { hashFile } from '../../src-main/files/hash';
import type { RunHeader } from '../../src-main/files/run-file';
import { writeSafetensors } from '../../src-main/files/safetensors';
import { createMask, unmask, type Mask } from '../../src-main/fmri/mask';
import { encodeNifti, writeNifti } from '../../src-main/fmri/nifti/write';
import { mniGrid } from '../../src-main/fmri/resample-file';
import { createBrainMask, placeOfVoxel, placesOf, type Place } from '../../src-main/phantom/brain';
import { drawFrames } from '../../src-main/phantom/movie-frames';
import { drawMap, type Blob } from '../../src-main/phantom/networks';
import type { Random } from '../../src-main/phantom/random';
import { createScene, FRAME_HEIGHT, FRAME_WIDTH } from '../../src-main/phantom/scene';
import { smoothSeries } from '../../src-main/phantom/signals';
import type { EmbeddingResult, Epoch, StoredFile } from '../../src-main/project/queries/embeddings';
import { locateFfmpeg } from '../../src-main/stimulus/ffmpeg';

/** The phantom's brain, enlarged to about the 28,549 voxels that the paper has at 4 mm. */
const BRAIN_SCALE = 1.1;
/** Name, architecture, top-1 percentage on ImageNet, and layers in depth order. */
type Cnn = readonly [name: string, architecture: string | null, top1: number | null, layers: string];
export const CNNS: readonly Cnn[] = [
  ['alexnet', 'AlexNet', 56.5, 'features.1 features.4 features.7 features.9 features.11'],
  ['vgg16', 'VGG-16', 71.6, 'features.3 features.8 features.15 features.22 features.29'],
  ['resnet18', 'ResNet-18', 69.8, 'relu layer1 layer2 layer3 layer4'],
  ['resnet50', 'ResNet-50', 76.1, 'relu layer1 layer2 layer3 layer4'],
  ['densenet121', 'DenseNet-121', 74.4, 'relu0 denseblock1 denseblock2 denseblock3 norm5'],
  ['densenet161', 'DenseNet-161', 77.1, 'relu0 denseblock1 denseblock2 denseblock3 norm5'],
  ['googlenet', 'GoogLeNet', 69.8, 'conv1 conv3 inception3b inception4e inception5b'],
  ['inception_v3', 'Inception V3', 77.3, 'Conv2d_2b_3x3 Conv2d_4a_3x3 Mixed_5d Mixed_6e Mixed_7c'],
  ['mobilenet_v2', 'MobileNet V2', 71.9, 'features.1 features.3 features.6 features.13 features.18'],
  ['squeezenet1_0', 'SqueezeNet 1.0', 58.1, 'features.3 features.5 features.8 features.10 features.12'],
];
export const WIDE_CNN: Cnn = ['wide_cnn', null, null, 'conv_wide'];
/** Pixels of a frame: smaller than the usual 256 × 180, which would take half a gigabyte of disk. */
export const FRAME = { width: 128, height: 90 };
/** Rows of the digits 0–9, three pixels each, as octal figures from top to bottom. */
const DIGITS = ['75557', '26227', '71747', '71717', '55711', '74717', '74757', '71111', '75757', '75717'];
const DIGIT_PIXELS = 4;

/** Gives smooth noise of the length asked for. */
export type Noise = (length: number) => Float32Array;

/** A brain-shaped mask on the MNI grid. */
export function createBrain(voxelMm: number): Mask {
  const { shape, affine } = MNI_4MM;
  const template = new Set(createBrainMask().voxels);
  const grid = mniGrid(voxelMm);
  return createMask(grid, (voxel) => {
    const at = placeOfVoxel(grid, voxel).map((mm, axis) => Math.round((mm / BRAIN_SCALE - affine[4 * axis + 3]!) / 4));
    return at.every((i, axis) => i >= 0 && i < shape[axis]!) && template.has(at[0]! + shape[0] * (at[1]! + shape[1] * at[2]!));
  });
}

/** Writes a mean image, roughly as of a scan: grey matter folded around white, bright ventricles. @param project its folder */
export async function writeMeanImage(project: string, mask: Mask): Promise<StoredFile> {
  const places = placesOf(mask);
  const values = Float32Array.from(mask.voxels, (_, n) => {
    const [x, y, z] = [places[3 * n]!, places[3 * n + 1]!, places[3 * n + 2]!];
    const depth = 1 - Math.hypot(x / 76, (y + 19) / 96, (z - 12) / 70);
    const folds = Math.sin(x / 6 + 1) * Math.sin(y / 6.5) * Math.cos(z / 6);
    const ventricles = Math.exp(-(((Math.abs(x) - 9) / 6) ** 2) - ((y + 12) / 26) ** 2 - ((z - 16) / 9) ** 2);
    return 620 + 160 * Math.exp(-(((depth - 0.12) / 0.1) ** 2)) + 90 * folds * (1 - depth) + 480 * ventricles;
  });
  mkdirSync(join(project, 'means'), { recursive: true });
  return writeImage(project, 'means/mean.nii.gz', mask, { rows: 1, columns: values.length, data: values });
}

/** Writes values per mask voxel as an image, one volume per row. */
async function writeImage(project: string, file: string, mask: Mask, values: Matrix): Promise<StoredFile> {
  const volumes = (function* () {
    for (let row = 0; row < values.rows; row++) yield unmask(matrixRow(values, row), mask);
  })();
  await writeNifti(join(project, file), { grid: mask.grid, volumes, count: values.rows, dataType: 'float32', spaceCode: 4 });
  return { file, hash: await hashFile(join(project, file)) };
}

/** A scan of eight voxels, a NIfTI file. */
export function makeScan({ affine }: Grid, count: number, trSeconds: number): Promise<Uint8Array> {
  const volumes = Array.from({ length: count }, () => new Float32Array(8));
  return encodeNifti({ grid: { shape: [2, 2, 2], affine }, volumes, count, dataType: 'int16', trSeconds, spaceCode: 4 });
}

/** Losses that fall as those of a training do. @returns one entry per epoch, from 1 */
export function makeEpochs(random: Random, count: number, fbns: number): Epoch[] {
  return Array.from({ length: count }, (_, i) => {
    const trainLoss = 0.78 - 0.0003 * fbns + 0.2 * Math.exp(-i / 9) + 0.001 * random.normal();
    const validationLoss = trainLoss + 0.012 + 0.0002 * Math.max(0, i - 60) + 0.001 * random.normal();
    return { epoch: i + 1, trainLoss, validationLoss, seconds: 0.07 * fbns * random.between(0.97, 1.05) };
  });
}

/** Maps of FBNs, [fbns, voxels]: two to four smooth blobs each, most of them on both sides, some of them negative. */
function drawMaps(random: Random, mask: Mask, fbns: number): Matrix {
  const places = placesOf(mask);
  const maps = createMatrix(fbns, mask.voxels.length);
  for (let fbn = 0; fbn < fbns; fbn++) {
    const map = matrixRow(maps, fbn);
    for (let blobs = 1 + Math.floor(2 * random.uniform()); blobs >= 0; blobs--) {
      const voxel = Math.floor(random.uniform() * mask.voxels.length);
      const centre: Place = [places[3 * voxel]!, places[3 * voxel + 1]!, places[3 * voxel + 2]!];
      const blob: Blob = { centre, sigma: random.between(7, 15) };
      const sides = random.chance(0.7) ? [blob, { ...blob, centre: [-centre[0], centre[1], centre[2]] as Place }] : [blob];
      const weight = random.between(0.02, 0.06) * (random.chance(0.2) ? -1 : 1);
      drawMap(places, sides).forEach((value, n) => (map[n]! += weight * value));
    }
  }
  return maps;
}

/** Smooth noise, made once: a series begins anywhere in it. */
export function createNoise(random: Random): Noise {
  const noise = smoothSeries(random, 1 << 20);
  return (length) => {
    const start = Math.floor(random.uniform() * (noise.length - length));
    return noise.subarray(start, start + length);
  };
}

/** What FBNs do in all subjects, [fbns, time]; each z-scored. */
export function makeSharedSeries(random: Random, fbns: number, time: number): Matrix {
  const shared = createMatrix(fbns, time);
  for (let fbn = 0; fbn < fbns; fbn++) matrixRow(shared, fbn).set(smoothSeries(random, time));
  return shared;
}

/** One subject's FBN activations, [fbns, time]: the shared series of the first FBNs, and about as much of the subject's own. */
export function makeSubjectActivation(shared: Matrix, fbns: number, noise: Noise): Matrix {
  const activation = createMatrix(fbns, shared.columns);
  for (let fbn = 0; fbn < fbns; fbn++) {
    const [into, common, own] = [matrixRow(activation, fbn), matrixRow(shared, fbn), noise(shared.columns)];
    for (let t = 0; t < into.length; t++) into[t] = 3 * common[t]! + 4 * own[t]!;
  }
  return activation;
}

/**
 * Filter activations, [filters, time]: each filter follows one FBN, some closely and some hardly.
 * @param depth of the layer in its CNN, from 0 to 1: deeper filters follow more closely
 */
export function makeFilterActivations(random: Random, noise: Noise, shared: Matrix, filters: number, depth: number): Matrix {
  const activations = createMatrix(filters, shared.columns);
  for (let filter = 0; filter < filters; filter++) {
    const driver = matrixRow(shared, Math.floor(random.uniform() * shared.rows));
    const own = noise(shared.columns);
    const following = random.between(0.05, 0.3 + 0.25 * depth);
    const rest = Math.sqrt(1 - following ** 2);
    const gain = random.between(0.3, 1.5);
    const into = matrixRow(activations, filter);
    for (let t = 0; t < into.length; t++) into[t] = Math.max(0, gain * (2.5 + following * driver[t]! + rest * own[t]!));
  }
  return activations;
}

/** A layer as the cnn room describes it. @param order place in its CNN */
export function describeLayer(name: string, filters: number, order: number) {
  const place = { order, depth: 3 * order + 1, stride: 2 ** (order + 1), feedsDownsampling: true, activated: name };
  return { name, aliases: [], tensor: `/${name}`, kind: 'block', filters, ...place, rank: 4, channelAxis: 1, elementType: 1 };
}

/** Frames of a movie run, RGB [frame, y, x, 3]: scenes of the phantom with the number of the TR in a corner. */
export async function drawMovie(random: Random, count: number): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const raw = { width: FRAME_WIDTH, height: FRAME_HEIGHT, channels: 3 } as const;
  while (frames.length < count) {
    const scene = createScene(random);
    const length = Math.min(Math.ceil(scene.seconds), count - frames.length);
    for await (const pixels of drawFrames(scene, 1, length)) {
      const frame = await sharp(pixels, { raw })
        .resize({ ...FRAME, fit: 'fill' })
        .raw()
        .toBuffer();
      [...String(frames.length)].forEach((digit, place) =>
        stampDigit(frame, DIGITS[Number(digit)]!, 6 + place * 4 * DIGIT_PIXELS),
      );
      frames.push(frame);
    }
  }
  return frames;
}

function stampDigit(frame: Buffer, rows: string, left: number): void {
  for (let y = 0; y < 5 * DIGIT_PIXELS; y++) {
    for (let x = 0; x < 3 * DIGIT_PIXELS; x++) {
      const isSet = (Number(rows[Math.floor(y / DIGIT_PIXELS)]) >> (2 - Math.floor(x / DIGIT_PIXELS))) & 1;
      if (isSet) frame.fill(255, ((6 + y) * FRAME.width + left + x) * 3, ((6 + y) * FRAME.width + left + x + 1) * 3);
    }
  }
}

/** Encodes frames as an H.264 video of one frame per second. */
export function encodeVideo(path: string, frames: readonly Buffer[]): void {
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${FRAME.width}x${FRAME.height}`, '-r', '1', '-i', 'pipe:0'];
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-fflags', '+bitexact', '-flags', '+bitexact'];
  const output = ['-movflags', '+faststart', '-y', `file:${path}`];
  const { status, stderr } = spawnSync(locateFfmpeg(), ['-loglevel', 'error', ...input, ...codec, ...output], {
    input: Buffer.concat(frames),
  });
  if (status !== 0) throw new Error(`FFmpeg could not encode the movie: ${String(stderr)}`);
}

/** Writes a run file (see files/run-file) of zeros that takes no room on disk beyond its header. */
export async function writeSparseRunFile(path: string, header: RunHeader): Promise<void> {
  const json = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(Math.ceil((12 + json.length) / 64) * 64);
  start.write('SYNCRUN1', 'latin1');
  start.writeUInt32LE(json.length, 8);
  json.copy(start, 12);
  const handle = await open(path, 'w');
  try {
    await handle.write(start);
    await handle.truncate(start.length + header.time * header.voxels * (header.dataType === 'float16' ? 2 : 4));
  } finally {
    await handle.close();
  }
}

/**
 * Writes what a training leaves: best.safetensors, last.safetensors (the same file by another name, so it cannot be resumed) and the
 * maps. V is zero, as a hole at the end of the file that takes no room on disk.
 * @param name of the checkpoint folder and the maps file
 */
export async function writeEmbeddingFiles(
  project: string,
  name: string,
  random: Random,
  mask: Mask,
  description: CheckpointDescription,
): Promise<Pick<EmbeddingResult, 'best' | 'last' | 'maps'>> {
  const [best, last] = [`checkpoints/${name}/best.safetensors`, `checkpoints/${name}/last.safetensors`] as const;
  const maps = drawMaps(random, mask, description.settings.fbns);
  const path = join(project, best);
  mkdirSync(join(project, 'checkpoints', name), { recursive: true });
  const theta = new Float32Array(2 * maps.data.length);
  theta.set(maps.data);
  const metadata = { format: 'syncact-embedding-1', description: JSON.stringify(description) };
  const excluded = { name: 'excludedVoxels', dtype: 'U32', shape: [0], data: new Uint32Array() } as const;
  const weights = { name: 'theta', dtype: 'F32', shape: [2 * maps.rows, maps.columns], data: theta } as const;
  await writeSafetensors(path, [weights, excluded], metadata);
  const { size } = await stat(path);
  truncateSync(path, size - maps.data.byteLength);
  truncateSync(path, size);
  linkSync(path, join(project, last));
  const hash = await hashFile(path);
  const image = await writeImage(project, `maps/${name}.nii.gz`, mask, maps);
  return { best: { file: best, hash }, last: { file: last, hash }, maps: image };
}
