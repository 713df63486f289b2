import type { OnnxNode } from '../onnx/model';
import type { LoadedModel } from './read-model';
import { CONVOLUTIONS, convolutionWeights } from './feature-maps';
import { attribute, indexGraph, type GraphIndex } from './graph-index';

/** What the units of a feature map see along one axis of the picture, in pixels; pixel 0 lies at 0. */
export interface ReceptiveAxis {
  /** Pixels that one unit sees. */
  size: number;
  /** Pixels from one unit to the next. */
  step: number;
  /** Centre of what unit 0 sees; it may lie outside of the picture. */
  start: number;
}

export interface ReceptiveField {
  y: ReceptiveAxis;
  x: ReceptiveAxis;
}

/** Operations after which a unit sees what the same unit saw before. */
const WINDOWS = new Set(['MaxPool', 'AveragePool', 'LpPool']);
const WHOLE = new Set([
  'GlobalMaxPool',
  'GlobalAveragePool',
  'GlobalLpPool',
  'ReduceMean',
  'ReduceMax',
  'Flatten',
  'MatMul',
  'Gemm',
]);

/**
 * The receptive field of every tensor that comes from the picture by convolutions, pooling and operations unit by unit, by the
 * graph alone. Where branches meet it is what all of them see together. A gate (a map times its pooled self) sees the whole picture
 * in principle; what counts here is the map. Tensors that see everything, or in a way not known here, are left out.
 */
export function receptiveFields({ model }: Pick<LoadedModel, 'model'>, input: string): Map<string, ReceptiveField> {
  const index = indexGraph(model.graph);
  const pixel = { size: 1, step: 1, start: 0 };
  const fields = new Map<string, ReceptiveField>([[input, { y: pixel, x: pixel }]]);
  for (const node of model.graph.node) {
    const seen = (node.input ?? []).map((name) => fields.get(name)).filter((field) => field !== undefined);
    if (seen.length === 0 || WHOLE.has(node.opType)) continue;
    const field = fieldOf(node, seen, index);
    if (field) for (const output of node.output) if (output) fields.set(output, field);
  }
  return fields;
}

function fieldOf(node: OnnxNode, seen: readonly ReceptiveField[], index: GraphIndex): ReceptiveField | undefined {
  const [field] = seen;
  if (CONVOLUTIONS.has(node.opType) || WINDOWS.has(node.opType)) {
    if (node.opType === 'ConvTranspose') return undefined;
    const kernel = attribute(node, 'kernel_shape')?.ints ?? convolutionWeights(node, index)?.dims.slice(2);
    return kernel?.length === 2 ? { y: slide(node, kernel, 0, field!.y), x: slide(node, kernel, 1, field!.x) } : undefined;
  }
  if (node.opType === 'Resize' || node.opType === 'Upsample' || node.opType === 'DepthToSpace') return undefined;
  return seen.every((other) => other.y.step === field!.y.step && other.x.step === field!.x.step)
    ? { y: unite(seen.map(({ y }) => y)), x: unite(seen.map(({ x }) => x)) }
    : finest(seen);
}

/** What a window sees that slides over units. */
function slide(node: OnnxNode, kernel: readonly number[], axis: 0 | 1, { size, step, start }: ReceptiveAxis): ReceptiveAxis {
  const reach = (kernel[axis]! - 1) * (attribute(node, 'dilations')?.ints?.[axis] ?? 1);
  const stride = attribute(node, 'strides')?.ints?.[axis] ?? 1;
  const isSame = Buffer.from(attribute(node, 'auto_pad')?.s ?? [])
    .toString()
    .startsWith('SAME');
  const before = isSame ? Math.floor(reach / 2) : (attribute(node, 'pads')?.ints?.[axis] ?? 0);
  return { size: size + reach * step, step: step * stride, start: start + (reach / 2 - before) * step };
}

/** All that several branches see of the same units. */
function unite(axes: readonly ReceptiveAxis[]): ReceptiveAxis {
  const from = Math.min(...axes.map(({ start, size }) => start - (size - 1) / 2));
  const to = Math.max(...axes.map(({ start, size }) => start + (size - 1) / 2));
  return { size: to - from + 1, step: axes[0]!.step, start: (from + to) / 2 };
}

function finest(fields: readonly ReceptiveField[]): ReceptiveField {
  return fields.toSorted((a, b) => a.y.step - b.y.step)[0]!;
}
