import type { PreprocessingChoice } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { imagenetNormalisation } from '../../cnn/architectures/architecture';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { storeModel, type Layer } from '../../project/queries/models';
import { addRecipe } from '../../project/queries/sources';
import type { ModelSummary } from '../activation-keys';
import { findModel } from '../extract-plan';
import { networkOf, RANDOM_WEIGHTS, randomCard } from '../model-card';

export interface RandomModelOutput {
  model: string;
  architecture: string;
  seed: number;
  classes: number | null;
  parameters: number;
  layers: Omit<Layer, 'id' | 'modelId' | 'position'>[];
}

/**
 * Adds one of the bundled networks with weights that were never trained: the control for what coupling owes to training. The same
 * seed gives the same weights. The twin of a model is given its frames as that model is.
 */
export async function randomModel(
  input: ParsedJobInput<'random-model'>,
  { project, runTask }: JobContext,
): Promise<RandomModelOutput> {
  const { seed, classes = null } = input;
  const { architecture, preprocessing } = chooseNetwork(project, input);
  const made = await runTask('random-model', { project: project.folder, folder: 'models', architecture, classes, seed });
  const { title, parameters, layers, converted, description } = made;
  const name = input.name ?? `${input.twinOf ?? made.architecture}-random${seed === 0 ? '' : `-${seed}`}`;
  const summary: ModelSummary = {
    contentHash: converted.hash,
    preprocessing: preprocessing ?? usualPreprocessing(made),
    description,
  };
  const model = {
    ...{
      name,
      architecture: title,
      trainedOn: RANDOM_WEIGHTS,
      top1Percent: null,
      file: converted.file,
      fileHash: converted.hash,
    },
    ...{ card: randomCard(made, seed), summary },
  };
  project.database.transaction(() => {
    const sourceId = addRecipe(project.database, `random weights of ${title}, seed ${seed}`, converted.hash);
    storeModel(
      project.database,
      { ...model, sourceId },
      layers.map((layer, position) => ({ ...layer, position })),
    );
  })();
  return { model: name, architecture: title, seed, classes, parameters, layers };
}

function chooseNetwork(
  project: Project,
  { architecture, twinOf }: ParsedJobInput<'random-model'>,
): { architecture: string; preprocessing?: PreprocessingChoice } {
  if (twinOf === undefined) {
    if (architecture !== undefined) return { architecture };
    throw new UserError({ code: 'ambiguous', what: 'which network is not said', expected: '--arch NAME or --like MODEL' });
  }
  const model = findModel(project, twinOf);
  const network = networkOf(model);
  if (network === null) {
    const found = `${model.name}, ${model.architecture ?? 'whose architecture is not said'}`;
    const remedy = 'say in the model card which of the bundled networks it is, or name one with --arch';
    throw new UserError({ code: 'model-unsuitable', what: 'only the bundled networks have a random-weight twin', found, remedy });
  }
  return { architecture: network, preprocessing: (model.summary as ModelSummary).preprocessing };
}

/** What the network is trained with, where that is not the usual. */
function usualPreprocessing({ mean, deviation }: { mean: number[]; deviation: number[] }): PreprocessingChoice {
  const isUsual = mean.every((value, i) => value === imagenetNormalisation.mean[i]);
  return { normalisation: 'imagenet', channelOrder: 'RGB', ...(!isUsual && { mean, deviation }) };
}
