import type { TaskInput, TaskName, TaskResult } from '../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { runInComputeProcess } from '../jobs/compute-process';

/** A task that belongs to no project, run in a compute process of its own. */
function tool<Name extends TaskName>(task: Name) {
  return (input: TaskInput<Name>, context: WorkContext) => runInComputeProcess(task, input, context) as Promise<TaskResult<Name>>;
}

/** What a NIfTI file holds; read to its end when `verifyData`. */
export const readNiftiInfo = tool('nifti-info');

/** A NIfTI file on another grid. */
export const resampleFile = tool('resample');

/** The coupling statistics of two .npy files [series × time]. */
export const correlateFiles = tool('correlate');

/** Filter activations of frames or a video, as .npz. */
export const extractToFile = tool('activations');

/** The raw data of a phantom. */
export const generatePhantom = tool('generate-phantom');

/** How many of a phantom's planted pairs a project has found. */
export const evaluatePhantom = tool('evaluate-phantom');

/** The tensors of a checkpoint. */
export const readCheckpointInfo = tool('checkpoint-info');

/** What a model file holds. */
export const describeModelFile = tool('describe-model');
