import {
  figureKinds,
  figureSpec,
  type FigureKind,
  type FigureSpec,
  type FigureSpecInput,
} from '../../../src-preload/shared/contract/figures';

/** One setting of a figure as the form asks for it. */
export type Setting =
  | { key: string; label: string; type: 'number'; min: number; max: number; step: number; unit?: string; hint?: string }
  | { key: string; label: string; type: 'choice'; options: { value: string; label: string }[] }
  | { key: string; label: string; type: 'switch' }
  | { key: string; label: string; type: 'text' | 'list'; hint?: string }
  | { key: string; label: string; type: 'path'; extensions: string[]; hint: string }
  | { key: string; label: string; type: 'named'; of: NamedThings; leftOut: string };

/** What a project holds that a figure can take by its name. */
export type NamedThings = 'models' | 'vocabularies' | 'labelSets' | 'imageSets';

const number = (key: string, label: string, [min, max, step]: [number, number, number], unit?: string): Setting => ({
  ...{ key, label, type: 'number', min, max, step },
  ...(unit !== undefined && { unit }),
});

const title: Setting = { key: 'title', label: 'Title', type: 'text', hint: 'left out: one that fits' };
const page: Setting[] = [
  title,
  number('widthMm', 'Width', [40, 400, 1], 'mm'),
  number('fontSize', 'Text', [4, 14, 0.5], 'pt'),
  number('dpi', 'Pictures', [72, 1200, 1], 'dpi'),
];
const maps: Setting[] = [
  {
    ...{ key: 'palette', label: 'Colours of maps', type: 'choice' },
    options: [
      { value: 'blue-red', label: 'blue, white, red' },
      { value: 'purple-orange', label: 'purple, white, orange' },
    ],
  },
  { key: 'glass', label: 'Glass brain', type: 'switch' },
  { key: 'radiological', label: 'Left on the right', type: 'switch' },
  {
    ...{ key: 'template', label: 'Drawn on', type: 'path', extensions: ['nii', 'nii.gz', 'gz'] },
    hint: 'a NIfTI image such as MNI152; left out: the runs’ mean',
  },
];
const brain: Setting[] = [number('threshold', 'Threshold', [0, 0.95, 0.05], 'share of the map’s limit'), ...maps];
const direction: Setting = {
  ...{ key: 'direction', label: 'Pairs', type: 'choice' },
  options: [
    { value: 'fbn-to-filter', label: 'FBN to its best filter' },
    { value: 'filter-to-fbn', label: 'filter to its best FBN' },
  ],
};

const columns = number('columns', 'Columns', [1, 4, 1]);
const model: Setting = { key: 'model', label: 'Model', type: 'named', of: 'models', leftOut: 'what fits best' };

/** What each kind of figure is, and its settings; embedding and rows are asked for elsewhere. */
export const figureForms: Record<FigureKind, { name: string; about: string; settings: Setting[] }> = {
  pairs: {
    name: 'Pairs',
    about: 'map and terms, activations, frames and label',
    settings: [
      direction,
      number('rowHeightMm', 'Height of a row', [18, 120, 1], 'mm'),
      {
        ...{ key: 'frames', label: 'Frames of the movie', type: 'choice' },
        options: [
          { value: 'blur', label: 'blurred (its makers hold the rights)' },
          { value: 'show', label: 'shown' },
          { value: 'drop', label: 'left out' },
        ],
      },
      number('frameCount', 'Frames', [1, 12, 1]),
      number('termCount', 'Terms', [0, 8, 1]),
      {
        ...{ key: 'termKinds', label: 'Kinds of terms', type: 'choice' },
        options: [
          { value: 'functional', label: 'functional only' },
          { value: 'all', label: 'anatomical, clinical and method too' },
        ],
      },
      { key: 'vocabulary', label: 'Vocabulary', type: 'named', of: 'vocabularies', leftOut: 'the newest' },
      { key: 'labels', label: 'Labels of filters', type: 'named', of: 'labelSets', leftOut: 'the newest' },
      number('imageCount', 'Pictures of filters', [0, 12, 1]),
      { key: 'images', label: 'Set of pictures', type: 'named', of: 'imageSets', leftOut: 'the newest' },
      { key: 'letters', label: 'Letters of panels', type: 'switch' },
      ...brain,
      ...page,
    ],
  },
  atlas: {
    name: 'FBN atlas',
    about: 'all FBNs as mosaics of cuts',
    settings: [
      { key: 'fbns', label: 'FBNs', type: 'list', hint: 'numbers; left out: all' },
      number('columns', 'Columns', [1, 8, 1]),
      number('cuts', 'Cuts of each', [1, 12, 1]),
      ...brain,
      ...page,
    ],
  },
  comparison: {
    name: 'FBNs compared',
    about: 'matched FBNs of embeddings side by side',
    settings: [
      { key: 'embeddings', label: 'Embeddings', type: 'list', hint: 'numbers, the first is matched to; left out: every variant' },
      { key: 'fbns', label: 'FBNs', type: 'list', hint: 'of the first embedding; left out: the best matched' },
      number('best', 'Best matched', [1, 64, 1]),
      number('rowHeightMm', 'Height of a row', [12, 120, 1], 'mm'),
      number('fromPercentile', 'Drawn from', [0, 99, 1], 'percentile'),
      number('toPercentile', 'Full colour at', [1, 100, 1], 'percentile'),
      ...maps,
      ...page,
    ],
  },
  matrix: { name: 'Matrix', about: 'mean r by model, layer and movie run', settings: [direction, ...page] },
  regression: {
    name: 'Regression',
    about: 'mean r over ImageNet top\u20111',
    settings: [direction, columns, ...page],
  },
  ablation: {
    name: 'Ablation',
    about: 'metrics of pairs by embedding (Table 4)',
    settings: [model, number('columns', 'Columns', [1, 6, 1]), ...page],
  },
  'null-distribution': {
    name: 'Null of a pair',
    about: 'observed r on what chance finds',
    settings: [direction, columns, ...page],
  },
  hierarchy: { name: 'Hierarchy', about: 'depth of layers by FBN', settings: [model, columns, ...page] },
  calibration: {
    name: 'Calibration',
    about: 'chance pairs called significant',
    settings: [
      {
        ...{ key: 'study', label: 'Study', type: 'path', extensions: ['json'] },
        hint: 'a JSON file as docs/statistics.json; left out: the project’s nulls',
      },
      columns,
      ...page,
    ],
  },
};

export const figureList = figureKinds.map((kind) => ({ kind, ...figureForms[kind] }));

/** Whether a figure of a kind is of one embedding that can be named. */
export function isOfOneEmbedding(kind: FigureKind): boolean {
  return figureSpec.options.some(({ shape }) => shape.kind.value === kind && 'embedding' in shape);
}

/** A figure of a kind with every setting at its default. */
export function newFigure(kind: FigureKind): FigureSpec {
  return figureSpec.parse({ kind } as FigureSpecInput);
}

/** What suits one kind and no other, though others have a setting of that name. */
const ownToKind = new Set(['kind', 'title', 'columns', 'best', 'rowHeightMm', 'fbns']);

/** A figure of another kind that keeps what both kinds have: page, colours, direction. */
export function changeKind(figure: FigureSpec, kind: FigureKind): FigureSpec {
  const fresh = newFigure(kind);
  const shared = Object.entries(figure).filter(([key]) => !ownToKind.has(key) && key in fresh);
  return figureSpec.parse({ ...fresh, ...Object.fromEntries(shared) });
}

/** A figure with one setting changed; empty text takes it out. Undefined where the value is none that the figure takes. */
export function changeSetting(figure: FigureSpec, key: string, value: unknown): FigureSpec | undefined {
  const { [key]: _old, ...others } = figure as Record<string, unknown>;
  const isLeftOut = value === null || value === '' || (Array.isArray(value) && value.length === 0);
  const changed = figureSpec.safeParse(isLeftOut ? others : { ...others, [key]: value });
  return changed.success ? changed.data : undefined;
}

/**
 * The names to choose from, each once, below what happens without one. A saved figure may name what has been removed since, or what
 * another project has: that stays, so that looking at the form changes nothing.
 */
export function nameOptions(names: readonly string[], leftOut: string, chosen: string): { value: string; label: string }[] {
  const all = [...new Set(names)].sort((a, b) => a.localeCompare(b));
  return [
    { value: '', label: leftOut },
    ...(chosen === '' || all.includes(chosen) ? [] : [{ value: chosen, label: `${chosen} (not in this project)` }]),
    ...all.map((name) => ({ value: name, label: name })),
  ];
}

/** "3, 5-7" as numbers; null where it is none. */
export function parseList(text: string): number[] | null {
  const numbers: number[] = [];
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    const match = /^(\d+)(?:[-–](\d+))?$/.exec(part);
    if (!match) return null;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to < from || to - from > 10_000) return null;
    for (let one = from; one <= to; one++) numbers.push(one);
  }
  return numbers;
}

/** One element moved by a number of places; the same list where it would leave it. */
export function moved<Value>(list: readonly Value[], from: number, by: number): Value[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, i) => i !== from);
  return [...rest.slice(0, to), list[from]!, ...rest.slice(to)];
}
