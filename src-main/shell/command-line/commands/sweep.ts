import type { Command } from 'commander';
import { CancelledError, errorLine } from '../../../../src-preload/shared/domain/errors';
import type { TimedProgress } from '../../../../src-preload/shared/domain/work';
import { describeVariant } from '../../../../src-preload/shared/domain/variant-name';
import { sweepProgress, type SweepInput } from '../../../../src-preload/shared/contract/sweep';
import type { EmbeddingView } from '../../../../src-preload/shared/contract/views';
import { withProjectReadOnly, type OpenProject } from '../../../api/application';
import { viewEmbeddings } from '../../../api/embedding-views';
import { toJobView } from '../../../api/job-view';
import { startSweep, type SweepTraining } from '../../../api/sweep';
import { readJob } from '../../../project/queries/jobs';
import { addCommand, given, parseCounts, parsePositives, parseSeeds, parseVariants } from '../options';
import { exitCodes, runCommand, type CommandContext } from '../run-command';
import { withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';
import { addTrainingOptions, trainingSettings, type TrainingOptions } from '../training-options';

type SweepOptions = Omit<TrainingOptions, 'fbns'> & {
  json?: boolean;
  variants: SweepInput['variants'];
  fbns: number[];
  learningRates?: number[];
  seeds?: number[];
};

export function addSweepCommands(program: Command): void {
  addSweepCommand(program);
  addEmbeddingsCommand(program);
}

function addSweepCommand(program: Command): void {
  const command = addCommand(
    program,
    'sweep <dir>',
    'train several embeddings and compare them',
    'Trains an embedding for every combination of the variants, numbers of FBNs, learning rates and seeds given, smallest first, and\n' +
      'compares them. Each is an embedding like any other. One that fails does not stop the others; interrupted, the same command\n' +
      'goes on where it stopped, and what is trained already is not trained again.',
  )
    .option('--variants <names>', 'lt, lt-lstm, lt-msa, with commas', parseVariants, ['lt', 'lt-lstm', 'lt-msa'])
    .option('--fbns <n,…>', 'numbers of FBNs', parseCounts, [64])
    .option('--learning-rates <x,…>', 'step sizes of Adam (default: 0.01)', parsePositives)
    .option('--seeds <n,…>', 'seeds of initial weights and order (default: 0)', parseSeeds);
  addTrainingOptions(command).action((folder: string, options: SweepOptions) =>
    runCommand(options.json ?? false, (context) =>
      withOpenProject(folder, 'sweep', async (open) => {
        const { json: _, variants, fbns, learningRates, seeds, ...shared } = options;
        const input: SweepInput = { variants, fbns, ...given({ learningRates, seeds }), shared: trainingSettings(shared) };
        const trainings = await runSweep(open, input, context);
        const errors = trainings.flatMap((one) => ('error' in one ? [one.error] : []));
        if (context.signal.aborted) throw new CancelledError();
        if (errors.length > 0)
          process.exitCode = errors.some(({ kind }) => kind !== 'user') ? exitCodes.fault : exitCodes.badInput;
        const ids = trainings.flatMap((one) => ('embedding' in one ? [one.embedding] : []));
        const embeddings = viewEmbeddings(open.project).filter(({ id }) => ids.includes(id));
        return { json: { trainings, embeddings }, text: `${describeFailures(trainings)}${describeEmbeddings(embeddings)}` };
      }),
    ),
  );
}

/** Runs all trainings with one progress for the whole; Ctrl-C cancels what is left of them. */
async function runSweep(open: OpenProject, input: SweepInput, { signal, display }: CommandContext): Promise<SweepTraining[]> {
  const { jobs } = open;
  let order: number[] = [];
  const latest = new Map<number, TimedProgress>();
  const onProgress = ({ id, progress }: { id: number; progress: TimedProgress }) => {
    latest.set(id, progress);
    const views = order.map((one) => toJobView(readJob(open.project.database, one)!, latest.get(one) ?? null));
    const { trainings, share, secondsLeft } = sweepProgress(views);
    const stage = `${order.indexOf(id) + 1} of ${trainings}: ${progress.stage}`;
    display.update({ stage, done: Math.round(100 * share), total: 100, unit: '%', unitsPerSecond: null, secondsLeft });
  };
  const onWarning = (event: { message: string }) => display.note(`warning: ${event.message}`);
  const cancel = () => order.forEach((id) => jobs.cancel(id));
  jobs.on('progress', onProgress).on('warning', onWarning);
  try {
    const sweep = startSweep(open, input);
    order = sweep.jobs;
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    return await sweep.finished;
  } finally {
    jobs.off('progress', onProgress).off('warning', onWarning);
    signal.removeEventListener('abort', cancel);
    display.end();
  }
}

function describeFailures(trainings: readonly SweepTraining[]): string {
  return trainings
    .flatMap((one) =>
      'error' in one ? [`failed: ${one.variant}, ${one.fbns} FBNs, seed ${one.seed}: ${errorLine(one.error)}\n`] : [],
    )
    .join('');
}

function addEmbeddingsCommand(program: Command): void {
  addCommand(
    program,
    'embeddings <dir>',
    'compare the trained embeddings',
    'Prints what embeddings are compared by, one per line.\n' +
      '  loss        lowest validation loss (training loss where there is no validation), and its epoch\n' +
      '  explained   share of the test runs’ variance that the autoencoder reconstructs; together: that all activations explain\n' +
      '  subjects    inter-subject r of the activations, mean over FBNs\n' +
      '  top 5 %     share of a map’s energy in its strongest 5 % of voxels, mean over FBNs\n' +
      '  halves      |r| of matched maps of two half trainings (`quality --split-half`)\n' +
      '  mean r      of the pairs FBN to filter at last convolutions\n' +
      '  found       on a phantom, planted pairs found FBN → filter and filter → FBN',
  ).action((folder: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const embeddings = await withProjectReadOnly(folder, viewEmbeddings);
      return { json: { embeddings }, text: describeEmbeddings(embeddings) };
    }),
  );
}

function describeEmbeddings(embeddings: readonly EmbeddingView[]): string {
  const header = [
    'embedding',
    'variant',
    'FBNs',
    'seed',
    'epochs',
    'loss',
    'best',
    'explained',
    'together',
    'subjects',
    'top 5 %',
  ];
  header.push('halves', 'mean r', 'found', 's/epoch', 'device', 'state');
  const rows = embeddings.map((one) => [
    ...[one.id, describeVariant(one), one.fbns, Number(one.settings.seed ?? 0), one.epochs],
    ...[rounded(one.bestValidationLoss ?? one.trainLoss), one.bestEpoch, rounded(one.explainedVariance)],
    ...[rounded(one.quality?.explainedTogether), rounded(one.quality?.interSubject), rounded(one.quality?.topShare)],
    ...[rounded(one.quality?.splitHalf), rounded(one.meanR)],
    one.recovery ? `${one.recovery.fbnToFilter}, ${one.recovery.filterToFbn} of ${one.recovery.planted}` : null,
    one.secondsPerEpoch === null ? null : Number(one.secondsPerEpoch.toPrecision(3)),
    String((one.provenance.device as { actual?: string } | undefined)?.actual ?? 'unknown'),
    one.stale ? 'stale' : one.state,
  ]);
  return formatColumns([header, ...rows]);
}

function rounded(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(4));
}
