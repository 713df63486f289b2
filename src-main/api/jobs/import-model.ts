import { basename } from 'node:path';
import type { DescribedCheckpoint, PreprocessingChoice } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { imagenetNormalisation } from '../../cnn/architectures/architecture';
import type { JobContext } from '../../jobs/queue';
import { storeModel, type Layer } from '../../project/queries/models';
import { addSource } from '../../project/queries/sources';
import type { ModelSummary } from '../activation-keys';
import { newCard, suggestCard } from '../model-card';

export interface ImportModelOutput {
  model: string;
  architecture: string | null;
  trainedOn: string | null;
  top1Percent: number | null;
  /** Where that number is from; null where the user gave it. */
  top1Source: string | null;
  /** What the file was, where it was no ONNX model but a checkpoint. */
  checkpoint: DescribedCheckpoint | null;
  layers: Omit<Layer, 'id' | 'modelId' | 'position'>[];
}

/** Names of model files end so. */
const ENDINGS = /\.(onnx|pth|pt|pth\.tar|tar|safetensors|bin)$/i;

/**
 * Registers a CNN: reads its layers, refers to the file by path and hash. A checkpoint is converted to an ONNX file that the
 * project keeps.
 */
export async function importModel(
  input: ParsedJobInput<'import-model'>,
  { project, runTask }: JobContext,
): Promise<ImportModelOutput> {
  const described = await runTask('describe-model', {
    file: input.file,
    ...(input.architecture !== undefined && { architecture: input.architecture }),
    convertTo: { project: project.folder, folder: 'models' },
  });
  const { checkpoint } = described;
  const suggested = suggestCard(described.hash, checkpoint);
  const isSame = input.trainedOn === suggested.trainedOn;
  const model = {
    name: input.name ?? modelName(input.file),
    architecture: checkpoint?.title ?? input.architecture ?? null,
    trainedOn: input.trainedOn ?? suggested.trainedOn,
    top1Percent: input.top1Percent ?? (input.trainedOn === undefined || isSame ? suggested.top1Percent : null),
    file: checkpoint?.converted?.file ?? null,
    fileHash: checkpoint?.converted?.hash ?? null,
    card: newCard(suggested, checkpoint, input.top1Percent !== undefined),
  };
  const summary: ModelSummary = {
    contentHash: described.contentHash,
    preprocessing: choosePreprocessing(input, checkpoint),
    description: described.description,
  };
  const layers = described.layers.map((layer, position) => ({ ...layer, position }));
  project.database.transaction(() => {
    const sourceId = addSource(project.database, input.file, described.hash);
    storeModel(project.database, { ...model, sourceId, summary }, layers);
  })();
  const { name, architecture, trainedOn, top1Percent, card } = model;
  const top1Source = top1Percent === null ? null : card.top1Source;
  return { model: name, architecture, trainedOn, top1Percent, top1Source, checkpoint, layers: described.layers };
}

/** A model's name where none is given: the file's, without its ending. */
export function modelName(file: string): string {
  const name = basename(file);
  return name.replace(/\.tar$/i, '').replace(ENDINGS, '') || name;
}

/** What the user said, or what the architecture of a checkpoint is trained with. */
function choosePreprocessing(input: ParsedJobInput<'import-model'>, checkpoint: DescribedCheckpoint | null): PreprocessingChoice {
  const { normalisation, channelOrder } = input;
  const isUsual = checkpoint?.mean.every((value, i) => value === imagenetNormalisation.mean[i]);
  const own = checkpoint && !isUsual && normalisation === 'imagenet' ? checkpoint : undefined;
  const mean = input.mean ?? own?.mean;
  const deviation = input.deviation ?? own?.deviation;
  return { normalisation, channelOrder, ...(mean && { mean }), ...(deviation && { deviation }) };
}
