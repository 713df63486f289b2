import { ElementType, type OnnxAttribute, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../onnx/model';

/** Who makes and who takes each tensor of a graph, and which tensors are constants. */
export interface GraphIndex {
  producers: ReadonlyMap<string, OnnxNode>;
  /** Nodes that take a tensor, once each, in graph order; nodes inside subgraphs stand as the node that holds them. */
  consumers: ReadonlyMap<string, readonly OnnxNode[]>;
  /** Initializers, Constant nodes, and what Identity makes of them. */
  constants: ReadonlyMap<string, OnnxTensor>;
}

/** Indexes a graph whose nodes are in topological order, as ONNX demands. */
export function indexGraph(graph: OnnxGraph): GraphIndex {
  const producers = new Map<string, OnnxNode>();
  const consumers = new Map<string, OnnxNode[]>();
  const constants = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  for (const node of graph.node) {
    for (const output of node.output) if (output) producers.set(output, node);
    for (const input of new Set(nodeInputs(node))) consumers.set(input, [...(consumers.get(input) ?? []), node]);
    const constant =
      node.opType === 'Constant' ? constantValue(node) : node.opType === 'Identity' && constants.get(node.input[0] ?? '');
    if (constant) constants.set(node.output[0] ?? '', constant);
  }
  return { producers, consumers, constants };
}

/** Names of all tensors a node reads, those that its subgraphs take from outside included; left-out inputs are not. */
export function nodeInputs(node: OnnxNode): string[] {
  const captured = subgraphs(node).flatMap((graph) => {
    const own = new Set([
      ...graph.input.map((input) => input.name),
      ...(graph.initializer ?? []).map((tensor) => tensor.name),
      ...graph.node.flatMap((inner) => inner.output),
    ]);
    const taken = [...graph.node.flatMap(nodeInputs), ...graph.output.map((output) => output.name)];
    return taken.filter((name) => !own.has(name));
  });
  return [...(node.input ?? []), ...captured].filter((name) => name !== '');
}

/** The graphs inside a node (branches of If, bodies of Loop and Scan). */
export function subgraphs(node: OnnxNode): OnnxGraph[] {
  return (node.attribute ?? []).flatMap((attribute) => (attribute.g ? [attribute.g] : []));
}

function constantValue(node: OnnxNode): OnnxTensor | undefined {
  const tensor = attribute(node, 'value')?.t;
  if (tensor) return tensor;
  const integers = attribute(node, 'value_ints')?.ints ?? single(attribute(node, 'value_int')?.i);
  if (integers) return { dims: [integers.length], dataType: ElementType.int64, int64Data: integers };
  const floats = attribute(node, 'value_floats')?.floats ?? single(attribute(node, 'value_float')?.f);
  return floats && { dims: [floats.length], dataType: ElementType.float, floatData: floats };
}

function single(value: number | undefined): number[] | undefined {
  return value === undefined ? undefined : [value];
}

/** A node's attribute by name. */
export function attribute(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attribute?.find((candidate) => candidate.name === name);
}

/** A node's whole-number attribute, or its default. */
export function integerAttribute(node: OnnxNode, name: string, otherwise: number): number {
  const found = attribute(node, name);
  // A zero is left out of the file by writers of proto3.
  return found ? (found.i ?? 0) : otherwise;
}

/** The numbers of a small int64 or int32 tensor (shapes, axes); undefined for other types. */
export function integersOf(tensor: OnnxTensor | undefined): number[] | undefined {
  if (tensor?.dataType === ElementType.int64) {
    if (tensor.int64Data?.length) return [...tensor.int64Data];
    return readRaw(tensor, 8, (view, offset) => Number(view.getBigInt64(offset, true)));
  }
  if (tensor?.dataType === ElementType.int32) {
    if (tensor.int32Data?.length) return [...tensor.int32Data];
    return readRaw(tensor, 4, (view, offset) => view.getInt32(offset, true));
  }
  return undefined;
}

function readRaw(tensor: OnnxTensor, width: number, read: (view: DataView, offset: number) => number): number[] {
  const raw = tensor.rawData ?? new Uint8Array();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.byteLength / width) }, (_, i) => read(view, i * width));
}

/** Version of ONNX's own operations that a model uses; 1 where it does not say. */
export function opsetVersion(opsetImport: readonly { domain?: string; version: number }[]): number {
  return opsetImport.find(({ domain }) => !domain || domain === 'ai.onnx')?.version ?? 1;
}
