import { basename } from 'node:path';
import type { PreprocessingChoice } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { ModelSummary } from '../activation-keys';
import type { JobContext } from '../../jobs/queue';
import { storeModel, type Layer } from '../../project/queries/models';
import { addSource } from '../../project/queries/sources';

export interface ImportModelOutput {
  model: string;
  architecture: string | null;
  trainedOn: string | null;
  top1Percent: number | null;
  layers: Omit<Layer, 'id' | 'modelId' | 'position'>[];
}

/** Registers a CNN: reads its layers, refers to the file by path and hash. */
export async function importModel(
  input: ParsedJobInput<'import-model'>,
  { project, runTask }: JobContext,
): Promise<ImportModelOutput> {
  const described = await runTask('describe-model', { file: input.file });
  const { normalisation, channelOrder, mean, deviation } = input;
  const preprocessing: PreprocessingChoice = {
    normalisation,
    channelOrder,
    ...(mean && { mean }),
    ...(deviation && { deviation }),
  };
  const model = {
    name: input.name ?? basename(input.file).replace(/\.onnx$/i, ''),
    architecture: input.architecture ?? null,
    trainedOn: input.trainedOn ?? null,
    top1Percent: input.top1Percent ?? null,
  };
  const layers = described.layers.map((layer, position) => ({ ...layer, position }));
  project.database.transaction(() => {
    const sourceId = addSource(project.database, input.file, described.hash);
    storeModel(
      project.database,
      {
        ...model,
        sourceId,
        summary: { contentHash: described.contentHash, preprocessing, description: described.description } satisfies ModelSummary,
      },
      layers,
    );
  })();
  const { name, ...card } = model;
  return { model: name, ...card, layers: described.layers };
}
