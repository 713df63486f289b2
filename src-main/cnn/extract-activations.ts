import { streamFrames, type FrameSource } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import type { Reducer } from './add-taps';
import { Extraction, reportFrames, type ExtractionSettings, type ExtractionSummary } from './extraction';

/** What to read out of a CNN over some frames. */
export interface ExtractionRequest extends Omit<ExtractionSettings, 'reducers'> {
  reducer: Reducer;
  frames: FrameSource;
  /** First frame to compute, to go on with an extraction that was stopped; 0 where left out. */
  startFrame?: number;
  /**
   * Receives every batch in order.
   * @param activations float32 [frames of the batch, filters] by layer name; its own memory
   * @param frames frames of the batch
   */
  onBatch(startFrame: number, activations: Record<string, Float32Array>, frames: number): Promise<void> | void;
}

/** Runs a CNN over the frames of one source with one reducer; see Extraction. */
export async function extractActivations(request: ExtractionRequest, context: WorkContext): Promise<ExtractionSummary> {
  const { reducer, frames, startFrame = 0, onBatch, ...settings } = request;
  const stream = streamFrames(frames, startFrame);
  const extraction = await Extraction.open({ ...settings, reducers: [reducer] }, stream, context);
  try {
    return await extraction.run(
      stream,
      (batch) => onBatch(startFrame + batch.startFrame, batch.activations, batch.count),
      context,
      reportFrames(context, request.model, frames.count, startFrame),
    );
  } finally {
    await extraction.release();
  }
}
