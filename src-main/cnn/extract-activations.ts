import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { Device, Engine, EngineSession } from '../../src-preload/shared/domain/engine';
import type { FrameSource } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { addTaps, type Reducer } from './add-taps';
import { describeModel, type ModelInput } from './describe-model';
import type { Layer } from './find-layers';
import { FrameFeed } from './frame-feed';
import { IMAGENET_PREPROCESSING, type Preprocessing } from './preprocessing';
import type { LoadedModel } from './read-model';
import { TapSession } from './tap-session';

/** What to read out of a CNN. */
export interface ExtractionRequest {
  engine: Engine;
  model: LoadedModel;
  /** From selectLayers. */
  layers: readonly Layer[];
  reducer: Reducer;
  /** torchvision's ImageNet normalisation where left out. */
  preprocessing?: Preprocessing;
  frames: FrameSource;
  /** Frames in one run; see chooseBatchSize for the default. */
  batchSize?: number;
  device?: Device;
  /** Threads of the engine; its own choice where left out. */
  threads?: number;
  /** First frame to compute, to go on with an extraction that was stopped; 0 where left out. */
  startFrame?: number;
  /**
   * Receives every batch in order.
   * @param activations float32 [frames of the batch, filters] by layer name; its own memory
   * @param frames frames of the batch
   */
  onBatch(startFrame: number, activations: Record<string, Float32Array>, frames: number): Promise<void> | void;
}

/** How an extraction went. */
export interface ExtractionSummary {
  /** Frames computed now. */
  frames: number;
  batchSize: number;
  /** Size at which frames entered the CNN, in pixels: the frames' own, or the one the CNN asks for. */
  width: number;
  height: number;
  /** Activations that are NaN or infinite, by layer; layers without are left out. */
  nonFinite: Record<string, number>;
  /** Over all frames, in frames per second; null where none was computed. */
  framesPerSecond: number | null;
}

/**
 * Runs a CNN over frames and hands out the activation of every filter of the layers, batch by batch. Frames enter the
 * session as uint8 and only [frames × filters] leaves it. Nothing is kept: memory does not grow with the movie.
 * @throws UserError when the CNN cannot be run on such frames, or gives no finite number; CancelledError between batches
 */
export async function extractActivations(request: ExtractionRequest, context: WorkContext): Promise<ExtractionSummary> {
  const { model, frames, startFrame = 0 } = request;
  const { input, layers } = describeModel(model);
  const size = { width: input.width ?? frames.width, height: input.height ?? frames.height };
  const wanted = Math.max(1, Math.min(request.batchSize ?? chooseBatchSize(layers, size), frames.count - startFrame));
  const session = await openSession(request, input, size, wanted, context);
  try {
    const feed = new FrameFeed(frames, size, session.batchSize, startFrame);
    const count = new FiniteCount(request.layers);
    const started = performance.now();
    for (let batch = await feed.next(); batch; batch = await feed.next()) {
      throwIfCancelled(context.signal);
      const activations = await session.run(batch.pixels, batch.count);
      count.add(activations);
      await request.onBatch(batch.startFrame, activations, batch.count);
      const done = batch.startFrame + batch.count;
      context.progress({ stage: `extracting ${basename(model.path)}`, done, total: frames.count, unit: 'frames' });
    }
    const computed = Math.max(0, frames.count - startFrame);
    const seconds = (performance.now() - started) / 1000;
    const nonFinite = count.report(model.path, context);
    return {
      frames: computed,
      batchSize: session.batchSize,
      ...size,
      nonFinite,
      framesPerSecond: computed > 0 ? computed / seconds : null,
    };
  } finally {
    await session.release();
  }
}

/** Feature maps alive at one time in a run, beside the largest: its input, a branch, and the engine's own copy. */
const MAPS_ALIVE = 4;
const BATCH_MEMORY_BYTES = 256 * 2 ** 20;
const MAX_BATCH = 16;

/**
 * As many frames as keep four of the model's largest feature map, at the size of these frames, within 256 MiB; 1 to 16. More
 * does not make a run faster (ResNet-18 at 256 × 180 on two cores, per frame: 55 ms alone, 34 in fours, 32 in eights and beyond).
 */
export function chooseBatchSize(layers: readonly Layer[], { width, height }: { width: number; height: number }): number {
  const largest = Math.max(
    width * height * 3,
    ...layers.map(({ filters, stride }) => (filters ?? 1) * Math.ceil(width / stride) * Math.ceil(height / stride)),
  );
  return Math.min(MAX_BATCH, Math.max(1, Math.floor(BATCH_MEMORY_BYTES / (MAPS_ALIVE * 4 * largest))));
}

async function openSession(
  request: ExtractionRequest,
  input: ModelInput,
  size: { width: number; height: number },
  batchSize: number,
  context: WorkContext,
): Promise<TapSession> {
  const open = async (fixed: number | null) => {
    const preprocessing = request.preprocessing ?? IMAGENET_PREPROCESSING;
    const bytes = addTaps(request.model, request.layers, request.reducer, { preprocessing, ...size, keepBatch: fixed !== null });
    const engineSession = await createSession(request, bytes);
    return new TapSession(engineSession, {
      file: request.model.path,
      layers: request.layers,
      ...size,
      batchSize: fixed ?? batchSize,
      fixed: fixed !== null,
    });
  };
  const { batch } = input;
  if (batch === null || batch === batchSize) return open(batch);
  const freed = await open(null);
  if (await freed.treatsFramesAlike()) return freed;
  await freed.release();
  context.warn(
    `the model was exported for ${batch} frame${batch === 1 ? '' : 's'} per run and takes no other number; this is slower`,
  );
  return open(batch);
}

async function createSession({ engine, model, device, threads }: ExtractionRequest, bytes: Uint8Array): Promise<EngineSession> {
  try {
    return await engine.createSession(bytes, { ...(device && { device }), ...(threads !== undefined && { threads }) });
  } catch (caught) {
    const found = caught instanceof Error ? caught.message : String(caught);
    throw new UserError({ what: `${engine.name} cannot load the model`, file: model.path, found }, { cause: caught });
  }
}

/** Counts activations that are no numbers. */
class FiniteCount {
  private readonly nonFinite: Record<string, number> = {};
  private total = 0;

  constructor(private readonly layers: readonly Layer[]) {}

  add(activations: Record<string, Float32Array>): void {
    for (const { name } of this.layers) {
      const values = activations[name]!;
      let bad = 0;
      for (const value of values) if (!Number.isFinite(value)) bad++;
      if (bad > 0) this.nonFinite[name] = (this.nonFinite[name] ?? 0) + bad;
      this.total += values.length;
    }
  }

  report(file: string, context: WorkContext): Record<string, number> {
    const bad = Object.values(this.nonFinite).reduce((a, b) => a + b, 0);
    if (bad > 0 && bad === this.total) {
      throw new UserError({
        what: 'the CNN gives no finite activation',
        file,
        found: `${bad} values, all of them NaN or infinite`,
        remedy: 'check the weights of the model and the preprocessing',
      });
    }
    for (const [layer, count] of Object.entries(this.nonFinite))
      context.warn(`${count} activations of layer ${layer} are NaN or infinite`);
    return this.nonFinite;
  }
}
