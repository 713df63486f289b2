import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { Device, Engine, EngineSession } from '../../src-preload/shared/domain/engine';
import type { FrameStream } from '../../src-preload/shared/domain/frames';
import { saidOutOfMemory } from '../../src-preload/shared/domain/out-of-memory';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { addTaps, tapName, type Reducer } from './add-taps';
import { estimateBatchSize, GrowingBatchSize, memoryBudget } from './batch-size';
import { describeModel, type ModelDescription } from './describe-model';
import type { Layer } from './find-layers';
import { FiniteCount } from './finite-count';
import { FrameFeed, type FrameBatch } from './frame-feed';
import { IMAGENET_PREPROCESSING, type Preprocessing } from './preprocessing';
import type { LoadedModel } from './read-model';
import { TapSession } from './tap-session';

/** What to read out of a CNN, and how to run it. */
export interface ExtractionSettings {
  engine: Engine;
  model: LoadedModel;
  /** From selectLayers. */
  layers: readonly Layer[];
  /** Each gives an output of its own; see tapName. */
  reducers: readonly Reducer[];
  /** torchvision's ImageNet normalisation where left out. */
  preprocessing?: Preprocessing;
  /** Frames in one run; as memory allows where left out. */
  batchSize?: number;
  device?: Device;
  /** Threads of the engine; its own choice where left out. */
  threads?: number;
}

/** A batch of activations: float32 [frames of the batch, filters] by tapName; their own memory. */
export interface ActivationBatch extends Pick<FrameBatch, 'startFrame' | 'count' | 'trs'> {
  activations: Record<string, Float32Array>;
}

/** How an extraction went. */
export interface ExtractionSummary {
  /** Frames computed now. */
  frames: number;
  /** Largest number of frames in one run. */
  batchSize: number;
  /** Size at which frames entered the CNN, in pixels: the frames' own, or the one the CNN asks for. */
  width: number;
  height: number;
  /** Activations that are NaN or infinite, by tap; taps without are left out. */
  nonFinite: Record<string, number>;
  /** Over all frames, in frames per second; null where none was computed. */
  framesPerSecond: number | null;
}

/**
 * A CNN loaded with its taps for frames of one size. Frames enter the session as uint8 and only [frames × filters] leaves it.
 * Nothing is kept: memory does not grow with the movie. Several movie runs go through one session, one after another.
 */
export class Extraction {
  private readonly growing: GrowingBatchSize | undefined;

  private constructor(
    private readonly settings: ExtractionSettings,
    private readonly session: TapSession,
    private readonly size: { width: number; height: number },
  ) {
    if (session.isFixed || settings.batchSize !== undefined || (settings.device ?? 'cpu') !== 'cpu') return;
    this.growing = new GrowingBatchSize(process.memoryUsage.rss(), memoryBudget());
  }

  /** @param frames size of the frames that will come */
  static async open(
    settings: ExtractionSettings,
    frames: { width: number; height: number },
    context: WorkContext,
  ): Promise<Extraction> {
    const description = describeModel(settings.model);
    const { input } = description;
    const size = { width: input.width ?? frames.width, height: input.height ?? frames.height };
    return new Extraction(settings, await openSession(settings, description, size, context), size);
  }

  /**
   * Runs the CNN over frames and hands out every batch in order.
   * @param progress tells how many frames of this stream are done
   * @throws UserError when the CNN cannot be run on such frames, or gives no finite number; CancelledError between batches
   */
  async run(
    frames: FrameStream,
    onBatch: (batch: ActivationBatch) => Promise<void> | void,
    context: WorkContext,
    progress: (done: number) => void = () => {},
  ): Promise<ExtractionSummary> {
    const { model, layers, reducers } = this.settings;
    const feed = new FrameFeed(frames, this.size, () => this.growing?.size ?? this.session.batchSize);
    const count = new FiniteCount(layers.flatMap((layer) => reducers.map((reducer) => tapName(layer, reducer, reducers))));
    const started = performance.now();
    let [done, batchSize] = [0, 0];
    for (let batch = await feed.next(); batch.count > 0; batch = await feed.next()) {
      throwIfCancelled(context.signal);
      const activations = await this.session.run(batch.pixels, batch.count);
      this.growing?.measured(batch.count, process.memoryUsage.rss());
      count.add(activations);
      const { pixels: _pixels, ...rest } = batch;
      await onBatch({ ...rest, activations });
      done += batch.count;
      batchSize = Math.max(batchSize, batch.count);
      progress(done);
    }
    const seconds = (performance.now() - started) / 1000;
    return {
      ...{ frames: done, batchSize: this.session.isFixed ? this.session.batchSize : batchSize, ...this.size },
      nonFinite: count.report(model.path, context),
      framesPerSecond: done > 0 ? done / seconds : null,
    };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** Says how far an extraction is in frames. */
export function reportFrames(context: WorkContext, model: LoadedModel, total: number, before = 0): (done: number) => void {
  const stage = `extracting ${basename(model.path)}`;
  return (done) => context.progress({ stage, done: before + done, total, unit: 'frames' });
}

async function openSession(
  settings: ExtractionSettings,
  { input, layers }: ModelDescription,
  size: { width: number; height: number },
  context: WorkContext,
): Promise<TapSession> {
  const wanted = settings.batchSize ?? estimateBatchSize(layers, size);
  const { reducers } = settings;
  const open = async (fixed: number | null) => {
    const preprocessing = settings.preprocessing ?? IMAGENET_PREPROCESSING;
    const bytes = addTaps(settings.model, settings.layers, reducers, { preprocessing, ...size, keepBatch: fixed !== null });
    return new TapSession(await createSession(settings, bytes), {
      file: settings.model.path,
      taps: settings.layers.flatMap((layer) => reducers.map((reducer) => tapName(layer, reducer, reducers))),
      ...size,
      batchSize: fixed ?? wanted,
      fixed: fixed !== null,
    });
  };
  const { batch } = input;
  if (batch === null || batch === wanted) return open(batch);
  const freed = await open(null);
  if (await freed.treatsFramesAlike()) return freed;
  await freed.release();
  context.warn(
    `the model was exported for ${batch} frame${batch === 1 ? '' : 's'} per run and takes no other number; this is slower`,
  );
  return open(batch);
}

async function createSession({ engine, model, device, threads }: ExtractionSettings, bytes: Uint8Array): Promise<EngineSession> {
  const given = { ...(device && { device }), ...(threads !== undefined && { threads }) };
  try {
    // Threads that spin while they wait would take a core from the decoder, and all of them wait for the one that lost its core.
    return await engine.createSession(bytes, { idleThreads: 'sleep', ...given });
  } catch (caught) {
    const found = caught instanceof Error ? caught.message : String(caught);
    if (saidOutOfMemory(found) !== undefined) throw caught;
    throw new UserError(
      { code: 'model-unsuitable', what: `${engine.name} cannot load the model`, file: model.path, found },
      { cause: caught },
    );
  }
}
