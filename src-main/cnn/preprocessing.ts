import { UserError } from '../../src-preload/shared/domain/errors';
import { valueInfo } from '../onnx/graph-builder';
import { ElementType } from '../onnx/model';
import type { ModelInput } from './describe-model';
import type { GraphEditor } from './edit-graph';

/** How the pixels of a frame become the numbers a CNN was trained on: (pixel × scale − mean) / std. */
export interface Preprocessing {
  /** Per channel, in the order of channelOrder, in units of pixel × scale. */
  mean: readonly number[];
  std: readonly number[];
  /** 1/255 for models trained on [0, 1], 1 for those on [0, 255]. */
  scale: number;
  channelOrder: 'RGB' | 'BGR';
}

/** What torchvision's ImageNet models were trained with. */
export const IMAGENET_PREPROCESSING: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  scale: 1 / 255,
  channelOrder: 'RGB',
};

/** Rec. 601 luma, for models that take grey pictures. */
const GREY = [0.299, 0.587, 0.114];

/**
 * Puts the preprocessing in front of a graph: frames enter as they are stored, uint8 RGB [frames, y, x, 3], and no pixel is
 * touched in JavaScript. The whole normalisation is one convolution of size 1 × 1, which mixes channels (order, grey) too
 * and which every opset knows in the same form. Models that take uint8 get the pixels themselves, in their channel order.
 * @param size of the frames; null leaves a side free
 * @returns the name of the new input
 */
export function prependPreprocessing(
  editor: GraphEditor,
  input: ModelInput,
  preprocessing: Preprocessing,
  size: { batch: number | null; height: number | null; width: number | null },
): string {
  const { weights, bias } = normalisation(input, preprocessing);
  const first = editor.graph.node[0]!;
  const before = { before: first };
  const frames = 'syncact.frames';
  const pixels = editor.node('Transpose', [frames], { perm: [0, 3, 1, 2] }, before);
  const numbers = editor.node('Cast', [pixels], { to: ElementType.float }, before);
  const kernel = editor.floats(weights, [input.channels, 3, 1, 1]);
  let value = editor.node('Conv', [numbers, kernel, editor.floats(bias, [input.channels])], { kernel_shape: [1, 1] }, before);
  if (input.layout === 'NHWC') value = editor.node('Transpose', [value], { perm: [0, 2, 3, 1] }, before);
  const finish = { ...before, output: input.name };
  if (input.elementType === ElementType.float) editor.node('Identity', [value], {}, finish);
  else editor.node('Cast', [value], { to: input.elementType }, finish);
  const dims = [size.batch ?? 'frames', size.height ?? 'height', size.width ?? 'width', 3];
  editor.graph.input = [valueInfo(frames, 'uint8', dims)];
  return frames;
}

function normalisation(input: ModelInput, preprocessing: Preprocessing): { weights: number[]; bias: number[] } {
  const raw = input.elementType === ElementType.uint8;
  const { mean, std, scale, channelOrder } = raw
    ? { ...preprocessing, mean: [0, 0, 0], std: [1, 1, 1], scale: 1 }
    : preprocessing;
  if (mean.length !== 3 || std.length !== 3 || ![...mean, scale].every(Number.isFinite) || !std.every((value) => value > 0)) {
    throw new UserError({
      what: 'the preprocessing is wrong',
      expected: 'three finite means and three deviations above 0, one per channel',
      found: `mean ${mean.join(', ')} and deviation ${std.join(', ')}`,
    });
  }
  const order = channelOrder === 'RGB' ? [0, 1, 2] : [2, 1, 0];
  // Row c: channel c of the model from the red, green and blue of the frame.
  const rows = order.map((source, c) => [0, 1, 2].map((rgb) => (rgb === source ? scale / std[c]! : 0)));
  const shifts = order.map((_, c) => -mean[c]! / std[c]!);
  if (input.channels === 3) return { weights: rows.flat(), bias: shifts };
  const grey = [0, 1, 2].map((rgb) =>
    order.reduce((sum, source, c) => sum + (rgb === source ? GREY[rgb]! * rows[c]![rgb]! : 0), 0),
  );
  return { weights: grey, bias: [order.reduce((sum, source, c) => sum + GREY[source]! * shifts[c]!, 0)] };
}
