import type { ExtractResult } from '../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../src-preload/shared/contract/job-inputs';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { runInComputeProcess } from '../jobs/compute-process';
import { readProjectSnapshot } from '../project/project';
import { explainDeviceFailure } from './devices';
import { planExtraction, type Shard } from './extract-plan';

export interface ExtractShardOutput extends ExtractResult {
  model: string;
  device: { requested: string; actual: string };
  shard: Shard;
  /** Relative to the project. */
  file: string;
}

/** Computes one part of an extraction into a file of its own; the project is read, and not locked. */
export async function extractShard(
  folder: string,
  input: ParsedJobInput<'extract'>,
  shard: Shard,
  context: WorkContext,
): Promise<ExtractShardOutput> {
  const project = readProjectSnapshot(folder);
  const task = planExtraction(project, input, shard);
  project.close();
  try {
    const result = (await runInComputeProcess('extract', task, context)) as ExtractResult;
    return {
      model: task.name,
      device: { requested: input.device, actual: task.device },
      shard,
      file: task.unfinished,
      ...result,
    };
  } catch (caught) {
    throw explainDeviceFailure(task.device, caught);
  }
}
