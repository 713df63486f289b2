import { UserError } from '../../src-preload/shared/domain/errors';
import { valueInfo } from '../onnx/graph-builder';
import { ElementType, encodeModel, type OnnxGraph } from '../onnx/model';
import { describeModel, type ModelDescription } from './describe-model';
import { extractPart, GraphEditor, renameTensor } from './edit-graph';
import type { Layer } from './find-layers';
import { freeBatch } from './free-batch';
import { opsetVersion } from './graph-index';
import { prependPreprocessing, type Preprocessing } from './preprocessing';
import { MAX_MODEL_BYTES, type LoadedModel } from './read-model';

/** How a feature map becomes one number: its maximum (the paper's), its mean, or the root of its sum of squares. */
export type Reducer = 'max' | 'mean' | 'norm2';

/** What a layer's activations are called among the outputs: its name, with the reducer where there are several. */
export function tapName(layer: Pick<Layer, 'name'>, reducer: Reducer, reducers: readonly Reducer[]): string {
  return reducers.length === 1 ? layer.name : `${layer.name}@${reducer}`;
}

export interface TapOptions {
  /** Puts preprocessing in front, so that frames enter as uint8 RGB [frames, y, x, 3]; the model's own input where left out. */
  preprocessing?: Preprocessing;
  /** Size of the frames, where it is known; it must be the model's where that is fixed. */
  height?: number;
  width?: number;
  /** Keep the number of frames per run that the model was exported for, instead of freeing it. */
  keepBatch?: boolean;
}

/** Oldest opset ONNX Runtime runs. */
const MIN_OPSET = 7;
/** From this opset on, the reductions take their axes as an input. */
const AXES_INPUT_OPSET = 18;

/**
 * A model that gives out filter activations only: for each layer and reducer (see tapName), the reduced feature maps, float32
 * [frames, filters]. The original outputs and every node not needed for the taps are gone, and the number of frames per run
 * is free. (For a model exported for one frame, compare a run of several with single runs: see extractActivations.)
 * @returns the bytes of an ONNX file
 * @throws UserError when the result would pass the 2 GiB that ONNX files can hold
 */
export function addTaps(
  model: LoadedModel,
  layers: readonly Layer[],
  reducers: Reducer | readonly Reducer[],
  options: TapOptions = {},
): Uint8Array {
  const taps = tapsOf(layers, typeof reducers === 'string' ? [reducers] : reducers);
  const description = describeModel(model);
  const opset = opsetVersion(model.model.opsetImport);
  if (opset < MIN_OPSET) {
    const expected = `opset ${MIN_OPSET} or later`;
    const remedy = 'convert it with onnx.version_converter';
    throw new UserError({
      code: 'model-unsuitable',
      what: 'the model is too old',
      file: model.path,
      expected,
      found: `opset ${opset}`,
      remedy,
    });
  }
  const tensors = layers.map(({ tensor }) => tensor);
  const graph: GraphEditor['graph'] = {
    name: model.model.graph.name ?? 'cnn',
    ...extractPart(model.model.graph, tensors),
    input: [],
    output: [],
  };
  const editor = new GraphEditor(graph);
  const { batch } = description.input;
  if (batch !== null && !options.keepBatch) freeBatch(editor, batch);
  const tapped = freeNames(graph, taps, description);
  const kept = options.keepBatch ? batch : null;
  setInput(editor, description, options, kept);
  taps.forEach((tap, i) => appendReducer(editor, tap, tapped[i]!, opset));
  graph.output = taps.map(({ name, layer }) => valueInfo(name, 'float', [kept ?? 'frames', layer.filters ?? 'filters']));
  // Since IR version 4 initializers need not be inputs too.
  const bytes = encodeModel({ ...model.model, irVersion: Math.max(4, model.model.irVersion), graph });
  if (bytes.byteLength <= MAX_MODEL_BYTES) return bytes;
  throw new UserError({
    code: 'file-too-large',
    what: 'the model is too large to be tapped',
    file: model.path,
    expected: 'less than 2 GiB',
    remedy: 'export it in float16',
  });
}

/** One output: a layer's feature maps, reduced in one way. */
interface Tap {
  name: string;
  layer: Layer;
  reducer: Reducer;
}

function tapsOf(layers: readonly Layer[], reducers: readonly Reducer[]): Tap[] {
  return layers.flatMap((layer) => reducers.map((reducer) => ({ name: tapName(layer, reducer, reducers), layer, reducer })));
}

/** Outputs are named by layer; tensors of the graph that bear such a name get another. Returns the tensors to reduce. */
function freeNames(graph: OnnxGraph, taps: readonly Tap[], { input }: ModelDescription): string[] {
  const used = new Set([input.name, ...graph.node.flatMap((node) => [...node.input, ...node.output])]);
  const renamed = new Map<string, string>();
  for (const { name } of taps) {
    if (!used.has(name)) continue;
    const other = `syncact.map.${name}`;
    renameTensor(graph, name, other);
    renamed.set(name, other);
  }
  input.name = renamed.get(input.name) ?? input.name;
  return taps.map(({ layer }) => renamed.get(layer.tensor) ?? layer.tensor);
}

function setInput(editor: GraphEditor, { input }: ModelDescription, options: TapOptions, batch: number | null): void {
  const height = input.height ?? options.height ?? null;
  const width = input.width ?? options.width ?? null;
  if (options.preprocessing) {
    prependPreprocessing(editor, input, options.preprocessing, { batch, height, width });
    return;
  }
  const [y, x] = [height ?? 'height', width ?? 'width'];
  const dims = input.layout === 'NCHW' ? [input.channels, y, x] : [y, x, input.channels];
  const type = Object.entries(ElementType).find(([, code]) => code === input.elementType)![0] as keyof typeof ElementType;
  editor.graph.input = [valueInfo(input.name, type, [batch ?? 'frames', ...dims])];
}

function appendReducer(editor: GraphEditor, { name, layer, reducer }: Tap, tensor: string, opset: number): void {
  const map = layer.elementType === ElementType.float ? tensor : editor.node('Cast', [tensor], { to: ElementType.float });
  const output = { output: name };
  if (layer.channelAxis === 1 && reducer !== 'norm2') {
    // ONNX Runtime pools its blocked layout as it is; a reduction would have every map brought back to NCHW first.
    const pooled = editor.node(reducer === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool', [map]);
    editor.node('Flatten', [pooled], { axis: 1 }, output);
    return;
  }
  const axes = Array.from({ length: layer.rank }, (_, axis) => axis).filter((axis) => axis !== 0 && axis !== layer.channelAxis);
  const operation = { max: 'ReduceMax', mean: 'ReduceMean', norm2: 'ReduceL2' }[reducer];
  if (opset >= AXES_INPUT_OPSET) editor.node(operation, [map, editor.integers(axes)], { keepdims: 0 }, output);
  else editor.node(operation, [map], { axes, keepdims: 0 }, output);
}
