import { UserError } from '../../src-preload/shared/domain/errors';
import type { ModelDescription } from './describe-model';
import type { Layer } from './find-layers';
import { stageOfName } from './module-names';

/**
 * last: what the last convolution over a map ends in, after branches were joined, normalised and activated: the map that the
 * classifier pools (a ResNet's layer4, not the convolution before the sum); of a token model its last block.
 * blocks: the ends of the network's stages, at most five. all: every convolution, read after the normalisation and activation that
 * follow it directly. Or names.
 */
export type LayerSelection = 'last' | 'blocks' | 'all' | readonly string[];

const MAX_BLOCKS = 5;
const MIN_STAGES = 3;

/**
 * Chooses the layers whose filters are read, in the order of computation.
 * @param reading whether presets read after the activation (as the paper) or what went into it; names are read as they are
 * @throws UserError for a name the model does not have, with the names nearest to it
 */
export function selectLayers(
  { layers }: Pick<ModelDescription, 'layers'>,
  selection: LayerSelection,
  reading: 'activated' | 'before' = 'activated',
): Layer[] {
  if (reading === 'before' && typeof selection === 'string') {
    return unique(selectLayers({ layers }, selection).map((layer) => byName(layers, layer.beforeActivation) ?? layer));
  }
  if (selection === 'last') return [lastConvolution(layers)];
  if (selection === 'blocks') return blockEnds(layers);
  if (selection === 'all')
    return unique(layers.filter(({ kind }) => kind === 'convolution').map((layer) => activated(layers, layer)));
  if (selection.length === 0)
    throw new UserError({
      code: 'setting-invalid',
      what: 'no layer is named',
      remedy: 'name one, or choose last, blocks or all',
    });
  return unique(selection.map((name) => findByName(layers, name)));
}

function unique(chosen: readonly Layer[]): Layer[] {
  return [...new Set(chosen)].toSorted((a, b) => a.order - b.order);
}

function byName(layers: readonly Layer[], name: string | undefined): Layer | undefined {
  return layers.find((layer) => layer.name === name);
}

function activated(layers: readonly Layer[], layer: Layer): Layer {
  return byName(layers, layer.activated) ?? layer;
}

function lastConvolution(layers: readonly Layer[]): Layer {
  const overMaps = layers.filter(({ stride }) => Number.isFinite(stride));
  const tokens = overMaps.findLast(isTokenBlock);
  if (tokens) return tokens;
  const last = overMaps.findLast(({ kind }) => kind === 'convolution') ?? overMaps.at(-1) ?? layers.at(-1)!;
  return byName(layers, last.end) ?? activated(layers, last);
}

function blockEnds(layers: readonly Layer[]): Layer[] {
  const overMaps = layers.filter(({ stride }) => Number.isFinite(stride));
  if (overMaps.some(isTokenBlock)) return evenly(overMaps.filter(isTokenBlock));
  return endsOfNamedStages(overMaps) ?? endsOfModules(overMaps) ?? endsBeforeDownsampling(overMaps, layers);
}

/** A block of a vision transformer, [batch, tokens, channels]. */
function isTokenBlock({ kind, rank, channelAxis }: Layer): boolean {
  return kind === 'block' && rank === 3 && channelAxis === 2;
}

/** The deepest of many blocks that are all alike, and others at equal distances before it. */
function evenly(blocks: readonly Layer[]): Layer[] {
  const count = Math.min(MAX_BLOCKS, blocks.length);
  return unique(Array.from({ length: count }, (_, i) => blocks[Math.ceil(((i + 1) * blocks.length) / count) - 1]!));
}

/**
 * Stages by name (layer1 …, denseblock1 …, Mixed_5 …): the last layer of each, the stem before the first where there is
 * room, and a last convolution after them.
 */
function endsOfNamedStages(layers: readonly Layer[]): Layer[] | undefined {
  const ends = new Map<string, Layer>();
  let stage: string | undefined;
  const stages = layers.map((layer) => {
    const named = [layer.name, ...layer.aliases].map(stageOfName).find(Boolean);
    // Layers without a telling name (an Add, an activation) belong to the stage of what was computed before them.
    stage = named ?? (layer.kind === 'convolution' ? undefined : stage);
    return stage;
  });
  layers.forEach((layer, i) => stages[i] && ends.set(stages[i], layer));
  // Where the stage is a module that can be tapped, that is its end, whatever unnamed follows it.
  for (const name of ends.keys()) {
    const module = layers.find((layer) => layer.name === name || layer.aliases.includes(name));
    if (module) ends.set(name, module);
  }
  if (ends.size < MIN_STAGES || ends.size > MAX_BLOCKS) return undefined;
  const first = stages.findIndex(Boolean);
  const stem = layers.slice(0, first).at(-1);
  const last = lastConvolution(layers);
  const tail = last.order > Math.max(...[...ends.values()].map(({ order }) => order)) ? [last] : [];
  const chosen = [...(stem ? [stem] : []), ...ends.values(), ...tail];
  return unique(chosen.slice(-MAX_BLOCKS));
}

/** The last block of every grid that has one (MobileNet's "features.6"), and what the last convolution ends in. */
function endsOfModules(layers: readonly Layer[]): Layer[] | undefined {
  const ends = new Map(layers.filter(({ kind }) => kind === 'block').map((layer) => [layer.stride, layer]));
  if (ends.size < MIN_STAGES) return undefined;
  return unique([...ends.values(), lastConvolution(layers)]).slice(-MAX_BLOCKS);
}

/** The last map before each down-sampling, joined branches before others, and the last of all; of more the deepest five. */
function endsBeforeDownsampling(overMaps: readonly Layer[], layers: readonly Layer[]): Layer[] {
  const ends = new Map<number, Layer>();
  for (const layer of overMaps.filter(({ feedsDownsampling }) => feedsDownsampling)) {
    if (ends.get(layer.stride)?.kind === 'block' && layer.kind !== 'block') continue;
    ends.set(layer.stride, layer);
  }
  return unique([...ends.values(), lastConvolution(layers)]).slice(-MAX_BLOCKS);
}

/** The layers under the names that they were asked for by: a layer may have several ("layer4" and "layer4.1"). */
export function namedAsAsked(layers: readonly Layer[], selection: LayerSelection): Layer[] {
  if (typeof selection === 'string') return [...layers];
  return layers.map((layer) => ({ ...layer, name: selection.find((name) => isCalled(layer, name)) ?? layer.name }));
}

function isCalled({ name, aliases }: Layer, asked: string): boolean {
  return name === asked || aliases.includes(asked);
}

function findByName(layers: readonly Layer[], name: string): Layer {
  const found = layers.find((layer) => layer.name === name) ?? layers.find((layer) => layer.aliases.includes(name));
  if (found) return found;
  const near = layers
    .map((layer) => ({ name: layer.name, distance: editDistance(name.toLowerCase(), layer.name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, 5);
  throw new UserError({
    code: 'not-found',
    what: `the model has no layer "${name}"`,
    expected: `one of ${near.map((layer) => layer.name).join(', ')}${layers.length > near.length ? ', …' : ''}`,
    remedy: 'name a layer as listed for the model, or choose last, blocks or all',
  });
}

/** Levenshtein distance; a name that contains the other is near. */
function editDistance(a: string, b: string): number {
  if (a && (b.includes(a) || a.includes(b))) return Math.abs(a.length - b.length) / 100;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
