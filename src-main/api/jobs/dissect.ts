import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { listFilterLabels, listLabelSets, storeLabelSet, type FilterLabel } from '../../project/queries/filter-labels';
import { storeImageSet } from '../../project/queries/image-sets';
import { IOU_THRESHOLD } from '../../semantics/filter-labels/label-file';
import { modelFile, type ModelSummary } from '../activation-keys';
import { dissectionKey } from '../keys';
import { findLayer, pictureFiles } from './filter-images';

export interface DissectOutput {
  model: string;
  layer: string;
  name: string;
  filters: number;
  /** Labels whose IoU is above 0.04. */
  passing: number;
  picturesPerSecond: number | null;
  labels: FilterLabel[];
  /** There already, from the same pictures and labels with the same settings. */
  skipped: boolean;
}

/** Network Dissection of a layer on labelled pictures; an interrupted one goes on where it stopped. */
export async function dissect(input: ParsedJobInput<'dissect'>, { project, runTask, warn }: JobContext): Promise<DissectOutput> {
  const { database } = project;
  const { model, layer } = findLayer(project, input);
  const { contentHash, preprocessing } = model.summary as ModelSummary;
  const { fingerprint, pictures } = await runTask('inspect-pictures', { folder: input.folder, labelled: true });
  const parameters = { count: input.count, size: input.size, quantile: input.quantile };
  const key = dissectionKey({ modelHash: contentHash, layer: layer.name, preprocessing, fingerprint, parameters });
  const name = input.name ?? `dissection on ${basename(input.folder)}`;
  const { file, output, state } = pictureFiles(project, key);
  const present = listLabelSets(database).find((set) => set.layerId === layer.id && set.name === name && set.key === key);
  const describe = (labels: FilterLabel[], picturesPerSecond: number | null, skipped: boolean): DissectOutput => ({
    ...{ model: model.name, layer: layer.name, name, filters: labels.length, picturesPerSecond, labels, skipped },
    passing: labels.filter(({ score }) => (score ?? 0) > IOU_THRESHOLD).length,
  });
  if (present && existsSync(output)) return describe(listFilterLabels(database, present.id), null, true);
  const task = { model: modelFile(project, model), contentHash, preprocessing, layer: layer.name, folder: input.folder };
  const found = await runTask('dissect', { ...task, ...parameters, threads: input.threads ?? null, output, state });
  if (found.positionStep > 1)
    warn(`the layer is so large that its thresholds were taken from every ${found.positionStep}th position of its maps`);
  const labels = found.labels.map(({ filter, label, category, iou, chance, candidates }) => ({
    ...{ filter, label: label ?? '', category, score: iou, chance, candidates },
  }));
  const content = { origin: `${pictures} pictures and ${found.concepts} concepts of ${input.folder}`, sourceHash: fingerprint };
  database.transaction(() => {
    const set = { layerId: layer.id, name, method: 'dissection', score: 'IoU' as const, key };
    storeLabelSet(database, { ...set, content: { ...content, numbering: null } }, labels);
    storeImageSet(database, {
      ...{ layerId: layer.id, name, folder: input.folder, key, file, fileHash: found.fileHash },
      content: { pictures, filters: found.filters, sourceHash: fingerprint },
    });
  })();
  return describe(labels, found.picturesPerSecond, false);
}
