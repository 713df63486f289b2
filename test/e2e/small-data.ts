import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { writeContentAtomically } from '../../src-main/files/atomic-write';
import { GraphBuilder } from '../../src-main/onnx/graph-builder';
import type { Grid } from '../../src-preload/shared/domain/grid';
import { runJson } from './cli';

/** Small data of every kind the program takes, made in a second or two: what a project needs from import to report. */
export interface SmallData {
  bids: string;
  mask: string;
  frames: string;
  model: string;
}

const grid: Grid = { shape: [20, 22, 18], affine: [4, 0, 0, -40, 0, 4, 0, -44, 0, 0, 4, -36, 0, 0, 0, 1] };
export const smallVolumes = 60;

/** Makes scans (subjects × 1 movie run), a mask, a folder of frames and a CNN. */
export async function makeSmallData(folder: string, subjects = 6): Promise<SmallData> {
  const random = mulberry32(7);
  const bids = join(folder, 'bids');
  for (let subject = 1; subject <= subjects; subject++) {
    const name = `sub-${String(subject).padStart(2, '0')}`;
    const func = join(bids, name, 'func');
    mkdirSync(func, { recursive: true });
    const content = {
      grid,
      volumes: volumes(random),
      count: smallVolumes,
      trSeconds: 1,
      dataType: 'float32',
      spaceCode: 4,
    } as const;
    await writeNifti(join(func, `${name}_task-clip_bold.nii.gz`), content);
  }
  await writeContentAtomically(join(bids, 'dataset_description.json'), JSON.stringify({ Name: 'small', BIDSVersion: '1.10.0' }));
  const mask = join(folder, 'mask.nii.gz');
  await writeNifti(mask, { grid, volumes: [brain()], count: 1, dataType: 'uint8', spaceCode: 4 });
  return {
    bids,
    mask,
    frames: await makeFrames(join(folder, 'frames'), random),
    model: await makeModel(join(folder, 'small.onnx'), random),
  };
}

/** A new project with the scans, the movie and the CNN of small data. @param project folder that is not there yet */
export async function importSmallData(project: string, data: SmallData): Promise<void> {
  await runJson('init', project);
  await runJson('import-fmri', project, '--bids', data.bids, '--mask', data.mask);
  await runJson('import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
  await runJson('import-model', project, data.model);
}

/** An ellipsoid. */
function brain(): Float32Array {
  const [nx, ny, nz] = grid.shape;
  return Float32Array.from({ length: nx * ny * nz }, (_, voxel) => {
    const [i, j, k] = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
    return ((i - nx / 2) / 8) ** 2 + ((j - ny / 2) / 9) ** 2 + ((k - nz / 2) / 7) ** 2 < 1 ? 1 : 0;
  });
}

function* volumes(random: () => number): Generator<Float32Array> {
  const inside = brain();
  const phase = random() * 6;
  for (let time = 0; time < smallVolumes; time++) {
    yield inside.map((value, voxel) => value * (1000 + 20 * Math.sin(time / 5 + phase + (voxel % 7)) + 40 * (random() - 0.5)));
  }
}

async function makeFrames(folder: string, random: () => number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let frame = 0; frame < smallVolumes; frame++) {
    const colour = { r: Math.floor(random() * 255), g: Math.floor(random() * 255), b: Math.floor(random() * 255) };
    await sharp({ create: { width: 64, height: 48, channels: 3, background: colour } })
      .png()
      .toFile(join(folder, `frame-${String(frame).padStart(4, '0')}.png`));
  }
  return folder;
}

/** Two convolutions with ReLU. */
async function makeModel(path: string, random: () => number): Promise<string> {
  const graph = new GraphBuilder('small');
  const weights = (...dims: number[]) => Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => random() - 0.5);
  const input = graph.input('input', 'float', ['batch', 3, 'height', 'width']);
  const convolve = (from: string, index: number, inputs: number, filters: number) => {
    const kernel = graph.constant(`conv${index}.weight`, [filters, inputs, 3, 3], weights(filters, inputs, 3, 3));
    const map = graph.node('Conv', [from, kernel], { kernel_shape: [3, 3], strides: [2, 2] }, `/conv${index}/Conv_output_0`);
    return graph.node('Relu', [map], {}, `/relu${index}/Relu_output_0`);
  };
  const last = convolve(convolve(input, 1, 3, 6), 2, 6, 9);
  graph.output('output', last, 'float', ['batch', 9, 'h', 'w']);
  await writeContentAtomically(path, graph.encode());
  return path;
}

/** A small seeded generator. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
