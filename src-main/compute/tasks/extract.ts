import { join } from 'node:path';
import type { ExtractedLayer, ExtractTask } from '../../../src-preload/shared/contract/compute-tasks';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { describeModel } from '../../cnn/describe-model';
import { extractActivations } from '../../cnn/extract-activations';
import type { Layer } from '../../cnn/find-layers';
import { readModel, type LoadedModel } from '../../cnn/read-model';
import { selectLayers } from '../../cnn/select-layers';
import { TopFrames } from '../../cnn/top-frames';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { openFramesFile } from '../../files/frames-file';
import { ActivationCache, type StoredTopFrames } from '../../project/activation-cache';
import { toPreprocessing } from '../preprocessing';
import type { TaskContext, TaskHandler } from '../process';

/** Most activated frames kept per filter, and how far apart in TRs they must lie to show different scenes. */
const TOP_FRAMES = { count: 10, minimumDistance: 3 };

type MovieRun = ExtractTask['movieRuns'][number];

/** Extracts filter activations movie run by movie run into the cache, going on where an earlier extraction stopped. */
export const extractTask: TaskHandler<'extract'> = async (input, context) => {
  const model = await readUnchangedModel(input);
  const cache = ActivationCache.open(join(input.project, 'activations.sqlite'));
  const activations: ExtractedLayer[] = [];
  let framesPerSecond: number | null = null;
  try {
    for (const movieRun of input.movieRuns) {
      const extraction = new MovieRunExtraction(input, model, movieRun, cache);
      framesPerSecond = (await extraction.run(context)) ?? framesPerSecond;
      activations.push(...extraction.describe());
    }
  } finally {
    cache.close();
  }
  return { activations, framesPerSecond };
};

/** The model, if it is still the file that was imported: its hash is part of what the activations are stored under. */
async function readUnchangedModel({ model, contentHash }: ExtractTask): Promise<LoadedModel> {
  const loaded = await readModel(model);
  if (loaded.hash === contentHash) return loaded;
  throw new UserError({
    what: 'the model file has changed since it was imported',
    file: model,
    remedy: 'import it again with `syncact import-model`',
  });
}

/** A layer that is being extracted: where it is read in the CNN, and where it goes in the cache. */
interface Target {
  layer: Layer;
  key: string;
  filters: number;
  /** Row of the cache; undefined until the first batch tells the number of filters. */
  id: number | undefined;
}

/** The extraction of one movie run. */
class MovieRunExtraction {
  private readonly targets: Target[];
  private frames = 0;
  private computed = 0;

  constructor(
    private readonly input: ExtractTask,
    private readonly model: LoadedModel,
    private readonly movieRun: MovieRun,
    private readonly cache: ActivationCache,
  ) {
    const description = describeModel(model);
    this.targets = movieRun.layers.map(({ name, key }) => ({
      layer: selectLayers(description, [name])[0]!,
      key,
      filters: 0,
      id: undefined,
    }));
  }

  /** Extracts what is missing; returns the speed in frames per second, null where nothing was. */
  async run(context: TaskContext): Promise<number | null> {
    const frames = await openFramesFile(join(this.input.project, this.movieRun.frames));
    this.frames = frames.count;
    try {
      const missing = this.targets.filter((target) => !this.isComplete(target));
      if (missing.length === 0) return null;
      const startFrame = this.commonStart(missing);
      const { reducer, device, batchSize, threads, preprocessing } = this.input;
      const summary = await extractActivations(
        {
          ...{
            engine: onnxruntimeEngine,
            model: this.model,
            layers: missing.map(({ layer }) => layer),
            reducer,
            device,
            frames,
            startFrame,
          },
          preprocessing: toPreprocessing(preprocessing),
          ...(batchSize !== null && { batchSize }),
          ...(threads !== null && { threads }),
          onBatch: (start, activations, count) => this.store(start, missing, activations, count),
        },
        {
          ...context,
          progress: (progress) => context.progress({ ...progress, stage: `${progress.stage} (${this.movieRun.movieRun})` }),
        },
      );
      for (const target of missing) this.complete(target);
      this.computed = summary.frames;
      return summary.framesPerSecond;
    } finally {
      await frames.close();
    }
  }

  describe(): ExtractedLayer[] {
    return this.targets.map(({ layer, filters, id }) => ({
      ...{ movieRun: this.movieRun.movieRun, layer: layer.name, filters, frames: this.frames },
      computedFrames: id === undefined ? 0 : this.computed,
    }));
  }

  private isComplete(target: Target): boolean {
    const stored = this.cache.findFilterActivation(target.key);
    if (!stored?.complete) return false;
    target.filters = stored.filters;
    return true;
  }

  /** First frame that all layers lack. Layers that were begun apart are begun again together: one pass over the movie. */
  private commonStart(missing: readonly Target[]): number {
    const stored = missing.map(({ key }) => this.cache.findFilterActivation(key));
    const starts = new Set(stored.map((activation) => activation?.nextFrame ?? 0));
    if (starts.size === 1) {
      for (const [index, activation] of stored.entries()) {
        if (activation) Object.assign(missing[index]!, { id: activation.id, filters: activation.filters });
      }
      return [...starts][0]!;
    }
    for (const activation of stored) if (activation) this.cache.clearFilterActivation(activation.id);
    return 0;
  }

  private store(startFrame: number, missing: readonly Target[], activations: Record<string, Float32Array>, frames: number): void {
    const layers = missing.map((target) => {
      const data = activations[target.layer.name]!;
      target.filters = data.length / frames;
      target.id ??= this.cache.beginFilterActivation(target.key, target.filters, this.frames).id;
      return { id: target.id, data };
    });
    this.cache.appendFrames(startFrame, frames, layers);
  }

  /** Finds each filter's most activated frames from what is stored, and marks the layer complete with them. */
  private complete({ id, filters }: Target): void {
    const top = new TopFrames(filters, TOP_FRAMES);
    this.cache.forEachChunk(id!, (start, _frames, data) => top.add(start, data));
    this.cache.completeFilterActivation(id!, packTopFrames(top));
  }
}

function packTopFrames(top: TopFrames): StoredTopFrames {
  const result = top.result();
  const indices = new Int32Array(result.length * TOP_FRAMES.count).fill(-1);
  for (const [filter, frames] of result.entries()) {
    for (const [rank, { frame }] of frames.entries()) indices[filter * TOP_FRAMES.count + rank] = frame;
  }
  return { framesPerFilter: TOP_FRAMES.count, indices };
}
