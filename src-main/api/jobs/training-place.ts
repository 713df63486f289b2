import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { findEmbedding } from '../../project/queries/embeddings';
import { forgetTrials } from '../device-trials';
import { choosePlace, computersOf, explainDeviceFailure, type ChosenPlace, type Computer, type PlaceRequest } from '../devices';

type Input = Pick<ParsedJobInput<'train'>, 'engine' | 'device' | 'resume' | 'threads'>;

/**
 * Where a training runs. One that is done or was begun is found again whatever a trial would give now.
 * @param keyOf the embedding's key, were it trained there
 */
export async function placeTraining(
  { engine, device, resume, threads }: Input,
  problem: Pick<PlaceRequest, 'settings' | 'voxels' | 'time'>,
  keyOf: (computer: Computer) => string,
  context: JobContext,
): Promise<ChosenPlace> {
  for (const computer of computersOf(engine)) {
    if (device !== 'auto' && computer.device !== device) continue;
    const found = findEmbedding(context.project.database, keyOf(computer));
    if (found?.state !== 'complete' && !(found && resume)) continue;
    return { engine, ...computer, why: String(found.provenance.deviceReason ?? 'as it was begun') };
  }
  return choosePlace({ engine, device, threads: threads ?? null, ...problem }, context);
}

/** What a training that failed is told as; a device chosen by an older trial that does not work any more is not chosen again. */
export async function explainTrainingFailure(input: Input, device: ChosenPlace['device'], caught: unknown): Promise<unknown> {
  const explained = explainDeviceFailure(device, caught);
  if (input.device === 'auto' && explained !== caught) await forgetTrials();
  return explained;
}
