import { ElementType, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../onnx/model';
import { toAttributes, type AttributeValue } from '../onnx/graph-builder';
import { nodeInputs } from './graph-index';

/**
 * Adds nodes to a graph that was read from a file. Node and tensor names are made so that they meet none of the graph's.
 * (GraphBuilder starts from nothing and writes one opset; here the file's opset stays.)
 */
export class GraphEditor {
  private counter = 0;

  constructor(readonly graph: Required<Pick<OnnxGraph, 'node' | 'input' | 'output' | 'initializer'>> & OnnxGraph) {}

  /** Adds a node with one output and returns its name. */
  node(
    opType: string,
    input: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    place: { before?: OnnxNode; output?: string } = {},
  ): string {
    const output = place.output ?? this.freshName(opType);
    const name = this.freshName('node');
    const node = { opType, name, input: [...input], output: [output], attribute: toAttributes(attributes) };
    if (place.before) this.graph.node.splice(this.graph.node.indexOf(place.before), 0, node);
    else this.graph.node.push(node);
    return output;
  }

  integers(values: readonly number[]): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.constant({ dims: [values.length], dataType: ElementType.int64, rawData: new Uint8Array(data.buffer) });
  }

  floats(values: readonly number[], dims: readonly number[]): string {
    const data = Float32Array.from(values);
    return this.constant({ dims: [...dims], dataType: ElementType.float, rawData: new Uint8Array(data.buffer) });
  }

  private constant(tensor: OnnxTensor): string {
    const name = this.freshName('constant');
    this.graph.initializer.push({ name, ...tensor });
    return name;
  }

  private freshName(stem: string): string {
    return `syncact.${stem}.${this.counter++}`;
  }
}

/**
 * The part of a graph that some tensors need: its nodes, and the initializers they read. Both are copies, so that a graph
 * can be changed without changing the model it was read from; the bytes of weights are shared.
 */
export function extractPart(graph: OnnxGraph, tensors: readonly string[]): { node: OnnxNode[]; initializer: OnnxTensor[] } {
  const needed = new Set(tensors);
  const node: OnnxNode[] = [];
  for (const candidate of graph.node.toReversed()) {
    if (!candidate.output.some((output) => needed.has(output))) continue;
    nodeInputs(candidate).forEach((input) => needed.add(input));
    node.unshift({ ...candidate, input: [...(candidate.input ?? [])], output: [...candidate.output] });
  }
  const initializer = (graph.initializer ?? []).filter(({ name }) => needed.has(name ?? '')).map((tensor) => ({ ...tensor }));
  return { node, initializer };
}

/** Gives a tensor another name everywhere in a graph, inside subgraphs too. */
export function renameTensor(graph: Pick<OnnxGraph, 'node' | 'initializer'>, from: string, to: string): void {
  renameInNodes(graph.node, from, to);
  for (const tensor of graph.initializer ?? []) if (tensor.name === from) tensor.name = to;
}

function renameInNodes(nodes: readonly OnnxNode[], from: string, to: string): void {
  const rename = (name: string) => (name === from ? to : name);
  for (const node of nodes) {
    node.input = (node.input ?? []).map(rename);
    node.output = node.output.map(rename);
    if (!node.attribute?.some(({ g }) => g)) continue;
    node.attribute = node.attribute.map((attribute) => {
      if (!attribute.g) return attribute;
      // Subgraphs are copied when they are changed: the model they were read from keeps its own.
      const inner = attribute.g.node.map((innerNode) => ({ ...innerNode }));
      renameInNodes(inner, from, to);
      const output = attribute.g.output.map((value) => ({ ...value, name: rename(value.name) }));
      return { ...attribute, g: { ...attribute.g, node: inner, output } };
    });
  }
}
