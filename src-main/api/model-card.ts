import type { DescribedCheckpoint, RandomModelResult } from '../../src-preload/shared/contract/compute-tasks';
import type { CatalogueView, ModelCardView } from '../../src-preload/shared/contract/model-views';
import { architectures } from '../cnn/architectures';
import { catalogue, entryOf, entryOfHash, trainingSetOf, type CatalogueEntry } from '../cnn/catalogue';
import { architectureNamed } from '../cnn/match-checkpoint';
import type { Database } from '../project/database';
import type { Project } from '../project/project';
import { listModels, type Model } from '../project/queries/models';

/** What can be said of a file before its user says anything. */
export interface SuggestedCard {
  trainedOn: string | null;
  top1Percent: number | null;
  top1Source: string | null;
  licence: string | null;
  publicFile: string | null;
}

const DOCUMENTED = 'torchvision’s documentation';

/**
 * What the catalogue says of a model file: for certain where its hash is a public file's, else by the number of classes and the
 * architecture, said so.
 */
export function suggestCard(hash: string, checkpoint: DescribedCheckpoint | null): SuggestedCard {
  const known = entryOfHash(hash);
  if (known) {
    const { trainedOn, top1Percent, licence, file } = known;
    return { trainedOn, top1Percent, top1Source: DOCUMENTED, licence, publicFile: file };
  }
  const trainedOn = trainingSetOf(checkpoint?.classes ?? null) ?? null;
  const top1Percent = (checkpoint && entryOf(checkpoint.architecture, trainedOn)?.top1Percent) ?? null;
  const top1Source = top1Percent === null ? null : `${DOCUMENTED} for this network; this file’s own is not known`;
  return { trainedOn, top1Percent, top1Source, licence: null, publicFile: null };
}

const blank: ModelCardView = {
  ...{ inputSize: null, licence: null, notes: null, top1Source: null, format: null },
  ...{ definition: null, classes: null, parameters: null, publicFile: null },
};

/** A stored card, whatever version stored it. */
export function viewCard(stored: unknown): ModelCardView {
  return { ...blank, ...(stored as Partial<ModelCardView>) };
}

/** The card of a model that is imported. */
export function newCard(suggested: SuggestedCard, checkpoint: DescribedCheckpoint | null, gaveTop1: boolean): ModelCardView {
  const { licence, publicFile, top1Source } = suggested;
  return {
    ...{ ...blank, licence, publicFile, top1Source: gaveTop1 ? null : top1Source, format: checkpoint?.format ?? 'ONNX' },
    ...(checkpoint && {
      ...{ inputSize: checkpoint.inputSize, definition: checkpoint.architecture },
      ...{ classes: checkpoint.classes, parameters: checkpoint.parameters },
    }),
  };
}

/** What a model with made-up weights was trained on. */
export const RANDOM_WEIGHTS = 'random weights';

/** The card of a model whose weights are made up. */
export function randomCard({ architecture, classes, parameters, inputSize }: RandomModelResult, seed: number): ModelCardView {
  const notes = `Never trained: He initialisation, seed ${seed}. What coupling finds here is not owed to training.`;
  return { ...blank, notes, format: RANDOM_WEIGHTS, definition: architecture, classes, parameters, inputSize };
}

/** torchvision's name of the bundled network that a model is, by its file or by what its user said; null where it is none. */
export function networkOf({ architecture, card }: Pick<Model, 'architecture' | 'card'>): string | null {
  return viewCard(card).definition ?? (architecture && architectureNamed(architectures, architecture)?.name) ?? null;
}

/** A card with what its user has changed. */
export function changeCard(card: ModelCardView, changed: Partial<ModelCardView>, changedTop1: boolean): ModelCardView {
  return { ...card, ...changed, ...(changedTop1 && { top1Source: null }) };
}

/** The ten networks × two training sets, with the models of a project that are them. @param database null: no project */
export function viewCatalogue(database: Database | null): CatalogueView[] {
  const models = database ? listModels(database) : [];
  return catalogue.map((entry) => {
    const { architecture, trainedOn, file, address, hashPrefix, bytes, bytesAreExact, top1Percent, licence } = entry;
    return {
      ...{ architecture: architecture.name, title: architecture.title, trainedOn, file, address, hashPrefix },
      ...{ bytes, bytesAreExact, top1Percent, licence, models: models.flatMap((model) => present(entry, model)) },
    };
  });
}

function present(entry: CatalogueEntry, { id, name, architecture, trainedOn, sourceHash }: Model): CatalogueView['models'] {
  const isPublicFile = entryOfHash(sourceHash) === entry;
  const isSaidToBe =
    trainedOn === entry.trainedOn && [entry.architecture.title, entry.architecture.name].includes(architecture ?? '');
  return isPublicFile || isSaidToBe ? [{ id, name, isPublicFile }] : [];
}

/** The models of a project with their cards. */
export function listModelCards({ database }: Project) {
  return listModels(database).map(({ id, name, architecture, trainedOn, top1Percent, sourcePath, sourceHash, file, card }) => ({
    ...{ id, name, architecture, trainedOn, top1Percent, source: sourcePath, sourceHash, file, card: viewCard(card) },
  }));
}
