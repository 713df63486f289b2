import { UserError } from '../../../src-preload/shared/domain/errors';
import type { FileLabel, LabelFile } from './label-file';

/** A layer of a model, as much of it as labels need. */
export interface LabelledLayer {
  name: string;
  filters: number | null;
}

/** Whether the first filter is 0 or 1 in a file, and how that was found. */
export interface Numbering {
  first: 0 | 1;
  because: string;
}

/**
 * Whether a file counts filters from 0 or from 1: from 0 where it has a unit 0, from 1 where it has one more than the last filter;
 * else as its method does by custom.
 */
export function findNumbering(labels: readonly FileLabel[], filters: number | null, customary: 0 | 1): Numbering {
  const units = labels.map(({ unit }) => unit);
  const lowest = Math.min(...units);
  const highest = Math.max(...units);
  if (lowest === 0) return { first: 0, because: 'there is a unit 0' };
  if (filters !== null && highest === filters) return { first: 1, because: `the last unit is ${highest}, the number of filters` };
  return { first: customary, because: `files of this kind count from ${customary}` };
}

/**
 * The layer of a model that labels are of: of the same name; else the only one whose name ends so, or is ended by so; else the only
 * one with as many filters. Undefined where there is none, or several.
 */
export function matchLayer<Layer extends LabelledLayer>(
  name: string | null,
  labels: readonly FileLabel[],
  layers: readonly Layer[],
): Layer | undefined {
  const exact = layers.find((layer) => layer.name === name);
  if (exact) return exact;
  const fits = ({ filters }: LabelledLayer) => filters === null || filters === labels.length;
  if (name !== null) {
    const words = name.toLowerCase();
    const named = layers.filter((layer) => {
      const own = layer.name.toLowerCase();
      return fits(layer) && (endsInWord(words, own) || endsInWord(own, words));
    });
    // Of "conv5" and "features.conv5" the longer one says more.
    const longest = named.toSorted((a, b) => b.name.length - a.name.length);
    if (longest.length === 1 || (longest.length > 1 && longest[0]!.name.length > longest[1]!.name.length)) return longest[0];
  }
  const wide = layers.filter(({ filters }) => filters === labels.length);
  return wide.length === 1 ? wide[0] : undefined;
}

/** Whether a text ends in another at the beginning of a word: "alexnet_conv5" in "conv5". */
function endsInWord(text: string, end: string): boolean {
  return text === end || (text.endsWith(end) && /[^a-z0-9]/.test(text.at(-end.length - 1)!));
}

/** The labels by filter, counted from 0. @throws UserError where the units are not those of the layer */
export function placeLabels(
  file: Pick<LabelFile, 'path'>,
  labels: readonly FileLabel[],
  layer: LabelledLayer,
  { first }: Numbering,
): Map<number, FileLabel> {
  const { filters } = layer;
  const units = labels.map(({ unit }) => unit);
  const isWhole = Math.max(...units) - Math.min(...units) + 1 === labels.length && Math.min(...units) <= 1;
  if (filters !== null && isWhole && labels.length > 1 && labels.length !== filters) {
    throw new UserError({
      code: 'does-not-fit',
      what: `the labels are of another layer than ${layer.name}`,
      file: file.path,
      expected: `${filters} units`,
      found: `${labels.length}`,
      remedy: 'choose the layer they belong to',
    });
  }
  const outside = labels.find(({ unit }) => unit < first || (filters !== null && unit - first >= filters));
  if (outside) {
    throw new UserError({
      code: 'does-not-fit',
      what: `unit ${outside.unit} is out of range`,
      file: file.path,
      expected: `${first} to ${filters === null ? '…' : filters - 1 + first} for layer ${layer.name}`,
      found: `${outside.unit} in ${outside.place}`,
      remedy: 'choose the layer the labels belong to, or say whether units count from 0 or 1',
    });
  }
  return new Map(labels.map((label) => [label.unit - first, label]));
}
