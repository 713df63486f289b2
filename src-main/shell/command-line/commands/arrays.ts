import type { Command } from 'commander';
import { correlateFiles, extractToFile } from '../../../api/tools';
import { deviceChoice, frameRuleChoice } from '../../../../src-preload/shared/contract/job-inputs';
import { resolveDevice } from '../../../api/devices';
import {
  addCommand,
  addPreprocessingOptions,
  BEFORE_ACTIVATION_HELP,
  choiceOption,
  FRAMES_HELP,
  given,
  parseCount,
  parseLayers,
  parsePath,
  parsePositive,
  parseReducers,
  REDUCER_HELP,
  type PreprocessingOptions,
} from '../options';
import { runCommand } from '../run-command';
import { formatColumns } from '../terminal';
import { toolContext } from '../tool-context';

export function addArrayCommands(program: Command): void {
  addCorrelateCommand(program);
  addActivationsCommand(program);
}

function addCorrelateCommand(program: Command): void {
  addCommand(
    program,
    'correlate <x> <y>',
    'the coupling statistics on two plain arrays',
    'Correlates two .npy files of shape [series × time] (rows of X as FBNs, rows of Y as filters), without a project.\n' +
      'r and p are null where a series is constant. --json holds the statistics of every pair, the metrics of Table 4 and Spearman’s r of\n' +
      'the best ones, and their circular-shift null.',
  )
    .option('--band <n>', 'DTW within a Sakoe–Chiba band of so many time points too', parseCount)
    .action((x: string, y: string, options: { json?: boolean; band?: number }) =>
      runCommand(options.json ?? false, async (context) => {
        const result = await correlateFiles(
          { x: parsePath(x), y: parsePath(y), ...given({ band: options.band }) },
          toolContext(context),
        );
        const banded = options.band === undefined ? [] : [`DTW ±${options.band}`];
        const distances = (metrics: (typeof result.metricsOfBest)[number] | undefined) =>
          [metrics?.Spearman, metrics?.DTW, ...banded.map(() => metrics?.DTWInBand)].map((value) =>
            value === undefined ? null : Number(value.toFixed(4)),
          );
        const rows = result.bestFilterOfFbn.map((filter, fbn) => [
          ...[fbn, filter],
          filter === null ? null : Number(result.r[fbn]![filter]!.toFixed(4)),
          filter === null ? null : Number(result.p[fbn]![filter]!.toPrecision(3)),
          ...distances(result.metricsOfBest[fbn]),
        ]);
        return {
          json: result,
          text: formatColumns([['series of X', 'best of Y', 'r', 'p (t-test)', 'Spearman', 'DTW', ...banded], ...rows]),
        };
      }),
    );
}

interface ActivationOptions extends PreprocessingOptions {
  json?: boolean;
  layers?: ReturnType<typeof parseLayers>;
  beforeActivation?: boolean;
  reducer?: ('max' | 'mean' | 'norm2')[];
  tr?: number;
  framesOfTr?: 'last' | 'mean';
  batch?: number;
  threads?: number;
  device?: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  width?: number;
  height?: number;
}

function addActivationsCommand(program: Command): void {
  addPreprocessingOptions(
    addCommand(
      program,
      'activations <model> <frames> <out>',
      'filter activations of frames or a video, as .npz',
      'Runs an image, a folder of images or a video through a model, without a project, and writes an .npz with one float32\n' +
        'array [frames × filters] per tap, named by the tap (TAP@REDUCER where there are several reducers).',
    )
      .option('--layers <which>', 'last, blocks, all, or names with commas (default: last)', parseLayers)
      .option('--before-activation', BEFORE_ACTIVATION_HELP)
      .option('--reducer <how>', REDUCER_HELP, parseReducers)
      .option('--tr <seconds>', 'video: one row per TR (default: one per frame)', parsePositive)
      .addOption(choiceOption('--frames-of-tr <which>', FRAMES_HELP, frameRuleChoice))
      .option('--batch <n>', 'frames at a time (default: as memory allows, on the CPU at most 8)', parseCount)
      .option('--threads <n>', 'CPU threads (default: all cores)', parseCount)
      .addOption(choiceOption('--device <name>', 'where to compute (default: auto)', deviceChoice))
      .option('--width <pixels>', 'width of frames (default: 256, or what the model asks)', parseCount)
      .option('--height <pixels>', 'height of frames (default: 180, or what the model asks)', parseCount),
  ).action((model: string, frames: string, out: string, options: ActivationOptions) =>
    runCommand(options.json ?? false, async (context) => {
      const { json: _json, layers, tr, reducer, framesOfTr, batch, device, ...settings } = options;
      const input = {
        ...{ model: parsePath(model), frames: parsePath(frames), output: parsePath(out) },
        ...given({ ...settings, trSeconds: tr, reducers: reducer, frameRule: framesOfTr, batchSize: batch }),
        ...(device && { device: resolveDevice(device) }),
        layers: layers ?? 'last',
      };
      const result = await extractToFile(input, toolContext(context));
      const rows = result.taps.map((tap) => [tap.layer, tap.filters, result.frames]);
      return { json: result, text: `${formatColumns([['tap', 'filters', 'frames'], ...rows])}\nwrote ${out}\n` };
    }),
  );
}
