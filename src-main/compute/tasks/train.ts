import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EncodeTask, TrainTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { checkpointPaths } from '../../embedding/checkpoint';
import type { ComputationPlace } from '../../embedding/computation';
import { encodeRuns, fbnMaps } from '../../embedding/encode';
import type { SampleSource } from '../../embedding/samples';
import { trainEmbedding } from '../../embedding/train';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { hashFile } from '../../files/hash';
import { openRunFile, type RunFile } from '../../files/run-file';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { readMask, unmask, type Mask } from '../../fmri/mask';
import { writeNifti } from '../../fmri/nifti/write';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';

/** Share of the machine's free memory that samples may be kept in from epoch to epoch. */
const KEPT_SHARE_OF_FREE_MEMORY = 0.5;

/** Trains an embedding and writes its maps. */
export const trainTask: TaskHandler<'train'> = async (input, context) => {
  const files = new RunFiles(input.project, input.device === 'webgpu');
  try {
    const mask = await readMask(join(input.project, input.mask));
    const train = await files.open(input.train);
    const validation = await files.open(input.validation);
    const excludedVoxels = files.invalidVoxels();
    const checkpointFolder = join(input.project, input.checkpoints);
    mkdirSync(checkpointFolder, { recursive: true });
    const { last } = checkpointPaths(checkpointFolder);
    const result = await trainEmbedding(
      {
        ...{
          ...placeOf(input),
          train,
          validation,
          voxels: mask.voxels.length,
          excludedVoxels,
          settings: input.settings,
          checkpointFolder,
        },
        keepBytes: keepBytes(),
        ...(input.resume && existsSync(last) && { resumeFrom: last }),
      },
      input.keep ? { ...context, finishSignal: AbortSignal.abort() } : context,
      (epoch) => context.part(epoch),
    );
    await writeMaps(join(input.project, input.maps), result.checkpoints.best, mask);
    const written = async (file: string) => ({ file, hash: await hashFile(join(input.project, file)) });
    return {
      ...{ epochs: result.epochs, bestEpoch: result.bestEpoch, secondsPerEpoch: result.secondsPerEpoch },
      ...{
        engineVersion: result.engineVersion,
        threads: result.threads,
        excludedVoxels: excludedVoxels.length,
        stopped: result.stopped,
      },
      best: await written(`${input.checkpoints}/best.safetensors`),
      last: await written(`${input.checkpoints}/last.safetensors`),
      maps: await written(input.maps),
    };
  } finally {
    await files.close();
  }
};

/** Encodes runs with a trained embedding and stores their FBN activations. */
export const encodeTask: TaskHandler<'encode'> = async (input, context) => {
  const files = new RunFiles(input.project, input.device === 'webgpu');
  try {
    return { explainedVariance: await storeActivations(input, files, context) };
  } finally {
    await files.close();
  }
};

/** Encodes the runs asked for and stores their FBN activations; returns the mean share of variance explained. */
async function storeActivations(input: EncodeTask, files: RunFiles, context: WorkContext): Promise<number | null> {
  const samples = await files.open(input.encode);
  const cache = ActivationCache.open(join(input.project, 'activations.sqlite'));
  let explained = 0;
  try {
    await encodeRuns({ ...placeOf(input), checkpoint: join(input.project, input.checkpoint), samples }, context, (index, run) => {
      cache.writeFbnActivation(input.embeddingKey, input.encode[index]!.key, run.activations);
      explained += run.explainedVariance;
    });
  } finally {
    cache.close();
  }
  return samples.length > 0 ? explained / samples.length : null;
}

function placeOf({ device, threads }: Pick<TrainTask, 'device' | 'threads'>): ComputationPlace {
  return { engine: onnxruntimeEngine, device, ...(threads !== null && { threads }) };
}

/** FBN maps as a 4D NIfTI file, one FBN per volume; 0 outside the mask, NaN where a voxel took no part. */
async function writeMaps(path: string, checkpoint: string, mask: Mask): Promise<void> {
  const maps: Matrix = await fbnMaps(checkpoint);
  function* volumes() {
    for (let fbn = 0; fbn < maps.rows; fbn++) yield unmask(matrixRow(maps, fbn), mask);
  }
  await writeNifti(path, {
    ...{ grid: mask.grid, volumes: volumes(), count: maps.rows, dataType: 'float32', spaceCode: 4 },
    description: 'Sync-ACT FBN maps, one per volume',
  });
}

/** The run files of a training, open all the time: a read issued at once overlaps with the computation of another sample. */
class RunFiles {
  private readonly files: RunFile[] = [];

  /** @param widen hand float16 out as float32: not every GPU knows float16 */
  constructor(
    private readonly project: string,
    private readonly widen: boolean,
  ) {}

  async open(runs: readonly { name: string; file: string }[]): Promise<SampleSource[]> {
    const samples: SampleSource[] = [];
    for (const { name, file } of runs) {
      const run = await openRunFile(join(this.project, file));
      this.files.push(run);
      const { time, voxels, sumOfSquares } = run.header;
      samples.push(
        this.widen
          ? { name, time, voxels, sumOfSquares, dataType: 'float32', load: async (into) => into.set(await run.readFloat32()) }
          : {
              name,
              time,
              voxels,
              sumOfSquares,
              dataType: run.header.dataType,
              load: async (into) => void (await run.readRaw(into)),
            },
      );
    }
    return samples;
  }

  /** Voxels that are invalid in any file opened so far, ascending. */
  invalidVoxels(): Uint32Array {
    return Uint32Array.from(new Set(this.files.flatMap((file) => file.header.invalidVoxels))).sort();
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }
}

function keepBytes(): number {
  return Math.floor(process.availableMemory() * KEPT_SHARE_OF_FREE_MEMORY);
}
