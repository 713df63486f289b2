import { ModelMessage } from './schema';

/** ONNX element types used here (TensorProto.DataType). */
export const ElementType = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, double: 11, bfloat16: 16 } as const;

/** AttributeProto.AttributeType. */
export const AttributeType = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const;

export interface OnnxTensor {
  name?: string;
  dims: number[];
  dataType: number;
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  doubleData?: number[];
  externalData?: { key: string; value: string }[];
  /** 1 = external. */
  dataLocation?: number;
}

export interface OnnxAttribute {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: OnnxTensor;
  g?: OnnxGraph;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
}

export interface OnnxNode {
  name?: string;
  opType: string;
  domain?: string;
  input: string[];
  output: string[];
  attribute?: OnnxAttribute[];
}

export interface OnnxDimension {
  dimValue?: number;
  dimParam?: string;
}

export interface OnnxValueInfo {
  name: string;
  type?: { tensorType?: { elemType: number; shape?: { dim?: OnnxDimension[] } } };
}

export interface OnnxGraph {
  name?: string;
  node: OnnxNode[];
  input: OnnxValueInfo[];
  output: OnnxValueInfo[];
  initializer?: OnnxTensor[];
  valueInfo?: OnnxValueInfo[];
}

export interface OnnxModel {
  irVersion: number;
  producerName?: string;
  producerVersion?: string;
  opsetImport: { domain?: string; version: number }[];
  graph: OnnxGraph;
  metadataProps?: { key: string; value: string }[];
}

/**
 * Decodes an ONNX file; tensors' raw data are views on the bytes given.
 * @throws any error of protobufjs when the bytes are not such a message; the caller says which file
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const message = ModelMessage.decode(bytes);
  const model = ModelMessage.toObject(message, { longs: Number, arrays: true, defaults: false }) as Partial<OnnxModel>;
  if (!model.graph || model.graph.node.length === 0) throw new Error('the file holds no ONNX graph');
  limitIntegers(model.graph);
  return model as OnnxModel;
}

/**
 * Exporters write "to the end" as the largest int64, which JavaScript numbers round up beyond it; encoded again it would
 * become the most negative one. Any bound that no tensor reaches means the same.
 */
function limitIntegers(graph: OnnxGraph): void {
  const limit = (value: number) => Math.min(value, Number.MAX_SAFE_INTEGER);
  const visit = (attribute: OnnxAttribute) => {
    if (attribute.i !== undefined) attribute.i = limit(attribute.i);
    if (attribute.ints) attribute.ints = attribute.ints.map(limit);
    if (attribute.t?.int64Data) attribute.t.int64Data = attribute.t.int64Data.map(limit);
    if (attribute.g) limitIntegers(attribute.g);
  };
  for (const tensor of graph.initializer ?? []) if (tensor.int64Data) tensor.int64Data = tensor.int64Data.map(limit);
  for (const node of graph.node) node.attribute?.forEach(visit);
}

/** Encodes a model to the bytes of an ONNX file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return ModelMessage.encode(ModelMessage.fromObject(model)).finish();
}
