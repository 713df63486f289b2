import {
  AttributeType,
  ElementType,
  encodeModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
} from './model';

/** An attribute as written by hand: whole numbers are ints, wrap a float that may be whole in { float }. */
export type AttributeValue = number | string | number[] | { float: number } | { tensor: OnnxTensor } | { graph: OnnxGraph };

export type ElementTypeName = keyof typeof ElementType;

/** Opset and IR version that onnxruntime 1.30 reads and that hold every operation used here. */
const OPSET = 21;
const IR_VERSION = 10;

/**
 * Builds an ONNX graph one node at a time; every method returns the name of the value it made.
 * @example
 * const graph = new GraphBuilder('product');
 * const x = graph.input('x', 'float', ['time', 'voxels']);
 * graph.output('y', graph.node('MatMul', [x, graph.constant('w', [n, m], weights)]), 'float', ['time', m]);
 * const bytes = graph.encode();
 */
export class GraphBuilder {
  readonly graph: Required<Pick<OnnxGraph, 'node' | 'input' | 'output' | 'initializer'>> & OnnxGraph;
  private counter = 0;

  /** @param prefix begins the names made up here: those of a graph inside a node must differ from those around it */
  constructor(
    name: string,
    private readonly prefix = '',
  ) {
    this.graph = { name, node: [], input: [], output: [], initializer: [] };
  }

  /** Declares a graph input; a string in `dims` is a dimension known only at run time. */
  input(name: string, type: ElementTypeName, dims: readonly (number | string)[]): string {
    this.graph.input.push(valueInfo(name, type, dims));
    return name;
  }

  /** Makes `value` a graph output under the given name. */
  output(name: string, value: string, type: ElementTypeName, dims: readonly (number | string)[]): void {
    if (name !== value) this.graph.node.push({ opType: 'Identity', name: `output/${name}`, input: [value], output: [name] });
    this.graph.output.push(valueInfo(name, type, dims));
  }

  /** A float32 or int64 constant. */
  constant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): string {
    this.graph.initializer.push({
      name,
      dims: [...dims],
      dataType: data instanceof Float32Array ? ElementType.float : ElementType.int64,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
    return name;
  }

  /** A one-dimensional int64 constant, for shapes and axes. */
  integers(values: readonly number[]): string {
    return this.constant(this.freshName('integers'), [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A float32 scalar. */
  scalar(value: number): string {
    return this.constant(this.freshName('scalar'), [], Float32Array.of(value));
  }

  /** Adds a node with one output and returns that output's name. */
  node(opType: string, inputs: readonly string[], attributes: Record<string, AttributeValue> = {}, outputName?: string): string {
    return this.nodes(opType, inputs, 1, attributes, outputName ? [outputName] : undefined)[0]!;
  }

  /** Adds a node with several outputs and returns their names. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Record<string, AttributeValue> = {},
    outputNames?: readonly string[],
  ): string[] {
    const output = outputNames ? [...outputNames] : Array.from({ length: outputCount }, () => this.freshName(opType));
    this.graph.node.push({ opType, name: output[0] ?? opType, input: [...inputs], output, attribute: toAttributes(attributes) });
    return output;
  }

  /** The finished model as an object. */
  model(): OnnxModel {
    return {
      irVersion: IR_VERSION,
      producerName: 'syncact',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: this.graph,
    };
  }

  /** The finished model as the bytes of an ONNX file. */
  encode(): Uint8Array {
    return encodeModel(this.model());
  }

  /** A name that no other value of this graph has. */
  freshName(stem: string): string {
    return `${this.prefix}${this.prefix && '/'}${stem}_${this.counter++}`;
  }
}

/** A ValueInfoProto for a tensor. */
export function valueInfo(name: string, type: ElementTypeName, dims: readonly (number | string)[]): OnnxGraph['input'][number] {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ElementType[type], shape: { dim } } } };
}

/** Attributes from a plain object. */
export function toAttributes(attributes: Record<string, AttributeValue>): OnnxAttribute[] {
  return Object.entries(attributes).map(([name, value]): OnnxAttribute => {
    if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
    if (typeof value === 'string') return { name, type: AttributeType.string, s: new TextEncoder().encode(value) };
    if (Array.isArray(value)) return { name, type: AttributeType.ints, ints: value };
    if ('float' in value) return { name, type: AttributeType.float, f: value.float };
    if ('tensor' in value) return { name, type: AttributeType.tensor, t: value.tensor };
    return { name, type: AttributeType.graph, g: value.graph };
  });
}
