import { basename } from 'node:path';
import { statSync } from 'node:fs';
import type { DissectResult, FilterImagesTask } from '../../../src-preload/shared/contract/semantics-tasks';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { describeModel } from '../../cnn/describe-model';
import { LayerMaps } from '../../cnn/layer-maps';
import { readModel } from '../../cnn/read-model';
import { selectLayers } from '../../cnn/select-layers';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { hashBytes, hashFile } from '../../files/hash';
import type { ConceptImages } from '../../semantics/dissection/concepts';
import { dissect, type Dissection } from '../../semantics/dissection/dissect';
import { findFilterImages } from '../../semantics/dissection/filter-images';
import { writeFilterPictures } from '../../semantics/dissection/picture-file';
import { openConceptImages } from '../../semantics/dissection/read-concepts';
import { SavedState } from '../../semantics/dissection/saved-state';
import { listImages } from '../../stimulus/image-folder';
import { toPreprocessing } from '../preprocessing';
import type { TaskHandler } from '../process';

/** Whether a folder's pictures (and labels) are the same as before. */
export const inspectPicturesTask: TaskHandler<'inspect-pictures'> = async ({ folder, labelled }) => {
  if (labelled) {
    const { fingerprint, images } = await openConceptImages(folder);
    return { fingerprint, sourceHash: fingerprint, pictures: images.length };
  }
  const files = await listImages(folder);
  return { fingerprint: fingerprintOf(files), sourceHash: hashNamesAndSizes(files), pictures: files.length };
};

/** What pictures are known by where they were copied, which may change their times. */
export function hashNamesAndSizes(files: readonly string[]): string {
  return hashBytes(files.map((file) => `${basename(file)} ${statSync(file).size}`).join('\n'));
}

/** Names, sizes and times: reading 63,000 pictures to tell would take as long as the work. */
function fingerprintOf(files: readonly string[]): string {
  const lines = files.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return `${basename(file)} ${size} ${mtimeMs}`;
  });
  return hashBytes(lines.join('\n'));
}

async function openMaps({
  model: path,
  contentHash,
  preprocessing,
  layer: name,
  size,
  threads,
}: FilterImagesTask): Promise<LayerMaps> {
  const model = await readModel(path);
  if (model.hash !== contentHash) {
    const remedy = 'import it again with `syncact import-model`';
    throw new UserError({ code: 'file-changed', what: 'the model file has changed since it was imported', file: path, remedy });
  }
  const layer = selectLayers(describeModel(model), [name])[0]!;
  return LayerMaps.open({
    ...{ engine: onnxruntimeEngine, model, layer, preprocessing: toPreprocessing(preprocessing) },
    size: { width: size, height: size },
    ...(threads !== null && { threads }),
  });
}

/** The pictures of a folder that activate each filter of a layer most. */
export const filterImagesTask: TaskHandler<'filter-images'> = async (input, context) => {
  const files = await listImages(input.folder);
  const maps = await openMaps(input);
  try {
    const state = new SavedState(input.state, input.output);
    const found = await findFilterImages({ files, maps, count: input.count, state }, context);
    await writeFilterPictures(input.output, found);
    const { filters, picturesPerSecond } = found;
    return { fileHash: await hashFile(input.output), filters, pictures: files.length, picturesPerSecond };
  } finally {
    await maps.release();
  }
};

/** Network Dissection of a layer. */
export const dissectTask: TaskHandler<'dissect'> = async (input, context) => {
  const images = await openConceptImages(input.folder);
  const maps = await openMaps(input);
  try {
    const state = new SavedState(input.state, input.output);
    const found = await dissect({ images, maps, quantile: input.quantile, count: input.count, state }, context);
    await writeFilterPictures(input.output, found.pictures);
    return {
      ...{ fileHash: await hashFile(input.output), filters: found.labels.length, pictures: images.images.length },
      ...{ picturesPerSecond: found.picturesPerSecond, positionStep: found.positionStep, concepts: images.concepts.length },
      labels: describeLabels(found, images),
    };
  } finally {
    await maps.release();
  }
};

function describeLabels({ labels }: Dissection, { concepts, categories }: ConceptImages): DissectResult['labels'] {
  return labels.map((byCategory, filter) => {
    const candidates = byCategory.flatMap((one) => {
      if (!one) return [];
      const { name, category } = concepts[one.concept]!;
      return [{ category: categories[category]!, label: name, score: one.iou, chance: one.chance }];
    });
    const best = candidates.toSorted((a, b) => b.score - a.score)[0];
    return {
      ...{ filter, label: best?.label ?? null, category: best?.category ?? null },
      ...{ iou: best?.score ?? null, chance: best?.chance ?? null, candidates },
    };
  });
}
