import type { LayerView } from '../../../src-preload/shared/contract/model-views';

/** A row of the tree of layers: a module, a layer, or a module that is tapped itself. */
export interface LayerRow {
  /** The whole name: "layer1.0.conv1". */
  path: string;
  /** Its last part. */
  name: string;
  depth: number;
  layer: LayerView | null;
  /** Layers below it. */
  inside: number;
  /** Filters of itself, or of all layers below. */
  filters: number;
  isOpen: boolean;
}

interface Node {
  path: string;
  layer: LayerView | null;
  children: Map<string, Node>;
}

/**
 * The rows in sight of a tree made from dotted names, in the order of the network; modules with one child only are drawn together
 * with it.
 * @param closed paths of modules whose content is hidden
 */
export function layerRows(layers: readonly LayerView[], closed: ReadonlySet<string>): LayerRow[] {
  const root: Node = { path: '', layer: null, children: new Map() };
  for (const layer of layers) {
    let node = root;
    for (const part of layer.name.split('.')) {
      const path = node.path === '' ? part : `${node.path}.${part}`;
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = { path, layer: null, children: new Map() }));
      node = child;
    }
    node.layer = layer;
  }
  return [...root.children.values()].flatMap((node) => rowsOf(node, '', 0, closed));
}

function rowsOf(node: Node, above: string, depth: number, closed: ReadonlySet<string>): LayerRow[] {
  const only = node.layer === null && node.children.size === 1 ? node.children.values().next().value : undefined;
  if (only) return rowsOf(only, above, depth, closed);
  const inside = [...node.children.values()].flatMap(layersOf);
  const isOpen = !closed.has(node.path);
  const row: LayerRow = {
    ...{ path: node.path, name: node.path.slice(above.length), depth, layer: node.layer, inside: inside.length, isOpen },
    filters: node.layer?.filters ?? inside.reduce((sum, { filters }) => sum + (filters ?? 0), 0),
  };
  const below = isOpen ? [...node.children.values()].flatMap((child) => rowsOf(child, `${node.path}.`, depth + 1, closed)) : [];
  return [row, ...below];
}

function layersOf(node: Node): LayerView[] {
  return [...(node.layer ? [node.layer] : []), ...[...node.children.values()].flatMap(layersOf)];
}
