import { serveOneTask } from './process';
import { coupleTask } from './tasks/couple';
import { importRunsTask, maskTask } from './tasks/fmri';
import { describeModelTask } from './tasks/model';
import { importMovieTask } from './tasks/movie';
import { correlateTask, niftiInfoTask, resampleTask } from './tasks/tools';
import { trainTask } from './tasks/train';

serveOneTask({
  mask: maskTask,
  'import-runs': importRunsTask,
  'import-movie': importMovieTask,
  'describe-model': describeModelTask,
  train: trainTask,
  couple: coupleTask,
  'nifti-info': niftiInfoTask,
  resample: resampleTask,
  correlate: correlateTask,
} as never);
