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
 * touched in JavaScript. Channels are ordered while pixels are still bytes; (pixel × scale − mean) / std is one product and
 * one sum (measured for ResNet-18: 0.14 ms per frame of 256 × 180; as a 1 × 1 convolution it was 0.5 to 3 ms). Models that take
 * uint8 get the pixels themselves.
 * @param size of the frames; null leaves a side free
 */
export function prependPreprocessing(
  editor: GraphEditor,
  input: ModelInput,
  preprocessing: Preprocessing,
  size: { batch: number | null; height: number | null; width: number | null },
): void {
  checkPreprocessing(preprocessing);
  const place = { before: editor.graph.node[0]! };
  const frames = 'syncact.frames';
  let value = editor.node('Transpose', [frames], { perm: [0, 3, 1, 2] }, place);
  if (preprocessing.channelOrder === 'BGR')
    value = editor.node('Gather', [value, editor.integers([2, 1, 0])], { axis: 1 }, place);
  value = editor.node('Cast', [value], { to: ElementType.float }, place);
  if (input.elementType !== ElementType.uint8) value = normalise(editor, value, preprocessing, place);
  if (input.channels === 1) value = mixGrey(editor, value, preprocessing, place);
  if (input.layout === 'NHWC') value = editor.node('Transpose', [value], { perm: [0, 2, 3, 1] }, place);
  // To the model's own type, under the name its nodes know.
  editor.node('Cast', [value], { to: input.elementType }, { ...place, output: input.name });
  const dims = [size.batch ?? 'frames', size.height ?? 'height', size.width ?? 'width', 3];
  editor.graph.input = [valueInfo(frames, 'uint8', dims)];
}

type Place = Parameters<GraphEditor['node']>[3];

function normalise(editor: GraphEditor, value: string, { mean, std, scale }: Preprocessing, place: Place): string {
  const factors = editor.floats(
    std.map((deviation) => scale / deviation),
    [1, 3, 1, 1],
  );
  const shifts = editor.floats(
    mean.map((average, c) => -average / std[c]!),
    [1, 3, 1, 1],
  );
  return editor.node('Add', [editor.node('Mul', [value, factors], {}, place), shifts], {}, place);
}

function mixGrey(editor: GraphEditor, value: string, { channelOrder }: Preprocessing, place: Place): string {
  const weights = channelOrder === 'RGB' ? GREY : GREY.toReversed();
  return editor.node('Conv', [value, editor.floats(weights, [1, 3, 1, 1])], { kernel_shape: [1, 1] }, place);
}

function checkPreprocessing({ mean, std, scale }: Preprocessing): void {
  const finite = [...mean, ...std, scale].every(Number.isFinite);
  if (mean.length === 3 && std.length === 3 && finite && std.every((deviation) => deviation > 0)) return;
  throw new UserError({
    code: 'setting-invalid',
    what: 'the preprocessing is wrong',
    expected: 'three finite means and three deviations above 0, one per channel',
    found: `mean ${mean.join(', ')} and deviation ${std.join(', ')}`,
  });
}
