import type { ExtractResult } from '../../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { explainDeviceFailure } from '../devices';
import { planExtraction } from '../extract-plan';

export interface ExtractOutput extends ExtractResult {
  model: string;
  device: { requested: string; actual: string };
}

/** Extracts the activations of a model's layers over the movie runs; what the cache holds is not computed again. */
export async function extract(input: ParsedJobInput<'extract'>, { project, runTask }: JobContext): Promise<ExtractOutput> {
  const task = planExtraction(project, input);
  const result = await runTask('extract', task).catch((caught: unknown) => {
    throw explainDeviceFailure(task.device, caught);
  });
  return { model: task.name, device: { requested: input.device, actual: task.device }, ...result };
}
