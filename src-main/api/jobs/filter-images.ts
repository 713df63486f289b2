import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { listImageSets, storeImageSet } from '../../project/queries/image-sets';
import { listLayers, type Layer, type Model } from '../../project/queries/models';
import { modelFile, type ModelSummary } from '../activation-keys';
import { filterImagesKey } from '../keys';
import { findModel } from '../extract-plan';

export interface FilterImagesOutput {
  model: string;
  layer: string;
  name: string;
  filters: number;
  pictures: number;
  picturesPerSecond: number | null;
  /** There already, from the same pictures with the same settings. */
  skipped: boolean;
}

/** Finds the pictures of a folder that activate each filter of a layer most; an interrupted search goes on where it stopped. */
export async function filterImages(
  input: ParsedJobInput<'filter-images'>,
  { project, runTask }: JobContext,
): Promise<FilterImagesOutput> {
  const { model, layer } = findLayer(project, input);
  const { contentHash, preprocessing } = model.summary as ModelSummary;
  const { fingerprint, sourceHash, pictures } = await runTask('inspect-pictures', { folder: input.folder, labelled: false });
  const parameters = { count: input.count, size: input.size };
  const key = filterImagesKey({ modelHash: contentHash, layer: layer.name, preprocessing, fingerprint, parameters });
  const name = input.name ?? basename(input.folder);
  const described = { model: model.name, layer: layer.name, name };
  const present = listImageSets(project.database).find((set) => set.layerId === layer.id && set.name === name && set.key === key);
  if (present && existsSync(project.path(present.file)))
    return { ...described, filters: present.content.filters, pictures, picturesPerSecond: null, skipped: true };
  const { file, output, state } = pictureFiles(project, key);
  const task = { model: modelFile(project, model), contentHash, preprocessing, layer: layer.name, folder: input.folder };
  const found = await runTask('filter-images', { ...task, ...parameters, threads: input.threads ?? null, output, state });
  const { fileHash, filters, picturesPerSecond } = found;
  storeImageSet(project.database, {
    ...{ layerId: layer.id, name, folder: input.folder, key, file, fileHash, content: { pictures, filters, sourceHash } },
  });
  return { ...described, filters, pictures, picturesPerSecond, skipped: false };
}

/** Where the pictures of a key are kept, and the state of the work on them. */
export function pictureFiles(project: Project, key: string): { file: string; output: string; state: string } {
  const stem = `pictures/${key.slice(0, 32)}`;
  return { file: `${stem}.safetensors`, output: project.path(`${stem}.safetensors`), state: project.path(`${stem}.state`) };
}

/** @throws UserError naming the layers there are */
export function findLayer(project: Project, input: { model: string; layer: string }): { model: Model; layer: Layer } {
  const model = findModel(project, input.model);
  const layers = listLayers(project.database, model.id);
  const layer = layers.find(({ name }) => name === input.layer);
  if (layer) return { model, layer };
  const expected = `one of ${layers.map(({ name }) => name).join(', ')}`;
  throw new UserError({ code: 'not-found', what: `the model ${model.name} has no layer "${input.layer}"`, expected });
}
