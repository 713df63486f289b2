import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { hashFile } from '../../files/hash';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { storeLabelSet } from '../../project/queries/filter-labels';
import { listLayers, type Layer } from '../../project/queries/models';
import { addSource } from '../../project/queries/sources';
import { IOU_THRESHOLD, type LabelFile } from '../../semantics/filter-labels/label-file';
import { findNumbering, matchLayer, placeLabels, type Numbering } from '../../semantics/filter-labels/match-layer';
import { readLabels } from '../../semantics/filter-labels/read-labels';
import { findModel } from '../extract-plan';

type Input = ParsedJobInput<'import-labels'>;

export interface ImportLabelsOutput {
  model: string;
  method: string;
  layers: {
    layer: string;
    /** As the file names it; null where it does not. */
    fileLayer: string | null;
    name: string;
    filters: number | null;
    labels: number;
    /** Labels whose IoU is above 0.04; null where the score is no IoU. */
    passing: number | null;
    /** Number of the first filter in the file, and how that was found. */
    firstUnit: 0 | 1;
    numberingBecause: string;
  }[];
}

/** Imports labels of filters from a file of Network Dissection and its kin; all of them or, where one is wrong, none. */
export async function importLabels(input: Input, { project, warn }: JobContext): Promise<ImportLabelsOutput> {
  const { database } = project;
  const model = findModel(project, input.model);
  const file = await readLabels(input.file);
  const sourceHash = await hashFile(input.file);
  const layers = listLayers(database, model.id);
  const placed = file.layers.map((part) => {
    const layer = chooseLayer(file, part, layers, input.layer);
    const numbering = chooseNumbering(file, part, layer, input.firstUnit);
    return { ...part, layer, numbering, byFilter: placeLabels(file, part.labels, layer, numbering) };
  });
  refuseTwice(file, placed);
  const output: ImportLabelsOutput = { model: model.name, method: file.method, layers: [] };
  database.transaction(() => {
    addSource(database, input.file, sourceHash);
    for (const { name: fileLayer, layer, numbering, byFilter } of placed) {
      const labels = [...byFilter].map(([filter, { label, category, score, candidates }]) => ({
        ...{ filter, label, category, score, candidates, chance: null },
      }));
      const name = input.name ?? methodNames[file.method];
      storeLabelSet(
        database,
        {
          ...{ layerId: layer.id, name, method: file.method, score: file.score, key: sourceHash },
          content: { origin: input.file, sourceHash, numbering: `from ${numbering.first}: ${numbering.because}` },
        },
        labels,
      );
      if (layer.filters !== null && labels.length < layer.filters)
        warn(`${layer.filters - labels.length} of the ${layer.filters} filters of ${layer.name} have no label in the file`);
      output.layers.push({
        ...{ layer: layer.name, fileLayer, name, filters: layer.filters, labels: labels.length },
        passing: file.score === 'IoU' ? labels.filter(({ score }) => (score ?? 0) > IOU_THRESHOLD).length : null,
        ...{ firstUnit: numbering.first, numberingBecause: numbering.because },
      });
    }
  })();
  return output;
}

/** What sets are called by. */
const methodNames: Record<LabelFile['method'], string> = {
  netdissect: 'Network Dissection',
  dissect: 'dissect',
  'clip-dissect': 'CLIP-Dissect',
  milan: 'MILAN',
  table: 'labels',
};

function chooseLayer(file: LabelFile, part: LabelFile['layers'][number], layers: readonly Layer[], wanted?: string): Layer {
  const names = describeLayers(layers, part.labels.length);
  if (wanted !== undefined && file.layers.length === 1) {
    const found = layers.find(({ name }) => name === wanted);
    if (found) return found;
    throw new UserError({ code: 'not-found', what: `the model has no layer "${wanted}"`, expected: `one of ${names}` });
  }
  const found = matchLayer(part.name, part.labels, layers);
  if (found) return found;
  throw new UserError({
    code: 'ambiguous',
    what: `it is not clear which layer the labels${part.name === null ? '' : ` of ${part.name}`} belong to`,
    file: file.path,
    expected: `one of ${names}`,
    found: `${part.labels.length} units`,
    remedy: file.layers.length === 1 ? 'pass --layer NAME' : 'keep the layers that the model has',
  });
}

/** Layers as wide as the labels are many, else all; the first few of them. */
function describeLayers(layers: readonly Layer[], units: number): string {
  const wide = layers.filter(({ filters }) => filters === units);
  const shown = wide.length > 0 ? wide : layers;
  const names = shown.slice(0, MOST_NAMED).map(({ name, filters }) => `${name} (${filters ?? '?'} filters)`);
  return names.join(', ') + (shown.length > MOST_NAMED ? ` and ${shown.length - MOST_NAMED} more` : '');
}

const MOST_NAMED = 8;

function chooseNumbering(file: LabelFile, { labels }: LabelFile['layers'][number], layer: Layer, wanted?: number): Numbering {
  if (wanted !== undefined) return { first: wanted as 0 | 1, because: 'as you said' };
  return findNumbering(labels, layer.filters, file.customaryFirst);
}

/** Two layers of a file may be taken for the same one. */
function refuseTwice(file: LabelFile, placed: readonly { name: string | null; layer: Layer }[]): void {
  for (const [i, one] of placed.entries()) {
    const other = placed.slice(0, i).find(({ layer }) => layer.id === one.layer.id);
    if (!other) continue;
    throw new UserError({
      code: 'duplicate',
      what: `two layers of the file would be layer ${one.layer.name} of the model`,
      file: file.path,
      found: `${other.name} and ${one.name}`,
      remedy: 'split the file, and pass --layer with each part',
    });
  }
}

/** What an import would do: for the dialog. Errors of the file are thrown; a layer that cannot be told is null. */
export async function planLabels(project: Project, input: { file: string; model: string }) {
  const file = await readLabels(input.file);
  const layers = listLayers(project.database, findModel(project, input.model).id);
  return {
    method: methodNames[file.method],
    parts: file.layers.map(({ name, labels }) => {
      const layer = matchLayer(name, labels, layers);
      const { first, because } = findNumbering(labels, layer?.filters ?? null, file.customaryFirst);
      return { fileLayer: name, units: labels.length, layer: layer?.name ?? null, firstUnit: first, numberingBecause: because };
    }),
  };
}
