import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { EngineSession } from '../../src-preload/shared/domain/engine';
import { createMatrix, type Matrix } from '../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { frameSourceFromPath } from '../stimulus/frame-source';
import { IMAGENET_DEVIATION, IMAGENET_MEAN } from './cnn';
import { FRAME_HEIGHT, FRAME_WIDTH } from './scene';

const BATCH = 8;
const PIXELS = FRAME_WIDTH * FRAME_HEIGHT;

/**
 * The activations of the phantom's CNN over a movie, from the encoded video: the largest value of each filter of its last layer
 * in the last frame of every TR.
 * @returns [filters, TRs]
 */
export async function movieActivations(
  session: EngineSession,
  video: string,
  trs: number,
  trSeconds: number,
  context: WorkContext,
): Promise<Matrix> {
  const frames = await frameSourceFromPath(video, { width: FRAME_WIDTH, height: FRAME_HEIGHT, trSeconds }, context);
  try {
    let activations: Matrix | undefined;
    for (let start = 0; start < trs; start += BATCH) {
      throwIfCancelled(context.signal);
      const count = Math.min(BATCH, trs - start);
      const image = normalised(await frames.read(start, count), count);
      const dims = [count, 3, FRAME_HEIGHT, FRAME_WIDTH];
      const { features } = await session.run({ image: { type: 'float32', dims, data: image } });
      const filters = features!.dims[1]!;
      activations ??= createMatrix(filters, trs);
      for (let i = 0; i < count; i++)
        for (let f = 0; f < filters; f++) activations.data[f * trs + start + i] = Number(features!.data[i * filters + f]!);
      context.progress({ stage: 'computing what the CNN sees', done: start + count, total: trs, unit: 'frames' });
    }
    return activations!;
  } finally {
    await frames.close();
  }
}

/** RGB bytes [frames, y, x, 3] as the CNN's input [frames, 3, y, x]. */
function normalised(pixels: Uint8Array, count: number): Float32Array {
  const image = new Float32Array(count * 3 * PIXELS);
  for (let frame = 0; frame < count; frame++) {
    for (let c = 0; c < 3; c++) {
      const [mean, deviation] = [IMAGENET_MEAN[c]!, IMAGENET_DEVIATION[c]!];
      const target = (frame * 3 + c) * PIXELS;
      for (let p = 0; p < PIXELS; p++) image[target + p] = (pixels[(frame * PIXELS + p) * 3 + c]! / 255 - mean) / deviation;
    }
  }
  return image;
}
