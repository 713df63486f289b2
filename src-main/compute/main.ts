import { serveOneTask } from './process';
import { activationsTask } from './tasks/activations';
import { coupleTask } from './tasks/couple';
import { extractTask } from './tasks/extract';
import { importRunsTask, maskTask } from './tasks/fmri';
import { describeModelTask } from './tasks/model';
import { importMovieTask } from './tasks/movie';
import { correlateTask, niftiInfoTask, resampleTask } from './tasks/tools';
import { trainTask } from './tasks/train';

/** The compute process: forked by the host for each task. */
serveOneTask({
  mask: maskTask,
  'import-runs': importRunsTask,
  'import-movie': importMovieTask,
  'describe-model': describeModelTask,
  train: trainTask,
  extract: extractTask,
  couple: coupleTask,
  'nifti-info': niftiInfoTask,
  resample: resampleTask,
  correlate: correlateTask,
  activations: activationsTask,
});
