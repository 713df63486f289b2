import type { OnnxNode } from '../onnx/model';

/**
 * The modules a node lies in, outermost first, from the names that PyTorch gives nodes:
 * "/layer1/layer1.0/conv1/Conv" → ["layer1", "layer1.0", "layer1.0.conv1"]. Empty for names of another form.
 */
export function modulePath(node: OnnxNode): string[] {
  if (!node.name?.startsWith('/')) return [];
  const scopes = node.name.split('/').slice(1, -1);
  const path: string[] = [];
  let prefix = '';
  let scope = '';
  for (const next of scopes) {
    // Inside a Sequential "layer1", its first child is called "layer1.0": the name repeats the parent's.
    prefix = scope && next.startsWith(`${scope}.`) ? prefix : [prefix, scope].filter(Boolean).join('.');
    scope = next;
    path.push([prefix, scope].filter(Boolean).join('.'));
  }
  return path;
}

/**
 * Names what nodes make, as close to the framework's module names as the file allows: PyTorch's module ("layer1.0.conv1",
 * or "layer1.0.Add" for an operation beside modules), else the name of the weights ("layer1.0.conv1.weight"), else the node's
 * own name, else the tensor's.
 */
export function createNodeNamer(nodes: readonly OnnxNode[]): (node: OnnxNode) => string {
  const members = new Map<string, number>();
  for (const module of nodes.flatMap(modulePath)) members.set(module, (members.get(module) ?? 0) + 1);
  return (node) => {
    const module = modulePath(node).at(-1);
    if (module !== undefined) return members.get(module) === 1 ? module : `${module}.${node.name!.split('/').at(-1)}`;
    const weights = /^(.+)\.weight$/.exec(node.input[1] ?? '')?.[1];
    const own = node.name?.replace(/^\//, '');
    if (weights && (!own || isNumberedOperation(own, node.opType))) return weights;
    return own || (node.output[0] ?? node.opType);
  };
}

/** "Conv_12", "node_conv2d_3": a number that tells nothing. */
function isNumberedOperation(name: string, opType: string): boolean {
  return /^node_\w+$/.test(name) || new RegExp(`^${opType}[_.]?\\d*$`, 'i').test(name);
}

/** Numbers repeated names: "relu", "relu_1", "relu_2". */
export function createNameRegister(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    let unique = name;
    for (let i = 1; taken.has(unique); i++) unique = `${name}_${i}`;
    taken.add(unique);
    return unique;
  };
}

/**
 * The stage of a network that a module name speaks of: "layer1.0.conv1" → "layer1", "features.denseblock4.…" →
 * "features.denseblock4", "Mixed_6c.…" → "Mixed_6", "conv3_block2_1_conv" → "conv3_block". Undefined where it names none.
 */
export function stageOfName(name: string): string | undefined {
  const stage =
    /^(?:.*?[./])?(?:(?:layer|dense_?block|stage_?|block_?group_?)\d+|stages\.\d+|Mixed_\d|inception_?\d|conv\d+_block|conv\d+_x|res\d)/i.exec(
      name,
    );
  return stage?.[0];
}
