import type { Command } from 'commander';
import { correlateFiles, extractToFile } from '../../../api/tools';
import { importModelInput, reducerChoice } from '../../../../src-preload/shared/contract/job-inputs';
import { addCommand, choiceOption, given, parseCount, parseList, parseNumbers, parsePath, parsePositive } from '../options';
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
      'r and p are null where a series is constant.',
  ).action((x: string, y: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async (context) => {
      const result = await correlateFiles({ x: parsePath(x), y: parsePath(y) }, toolContext(context));
      const rows = result.bestFilterOfFbn.map((filter, fbn) => [
        ...[fbn, filter],
        filter === null ? null : Number(result.r[fbn]![filter]!.toFixed(4)),
        filter === null ? null : Number(result.p[fbn]![filter]!.toPrecision(3)),
      ]);
      return { json: result, text: formatColumns([['series of X', 'best of Y', 'r', 'p (t-test)'], ...rows]) };
    }),
  );
}

interface ActivationOptions {
  json?: boolean;
  layers?: string;
  reducer?: 'max' | 'mean' | 'norm2';
  tr?: number;
  width?: number;
  height?: number;
  normalisation?: 'imagenet' | 'unit' | 'none';
  channelOrder?: 'RGB' | 'BGR';
  mean?: number[];
  deviation?: number[];
}

function addActivationsCommand(program: Command): void {
  addCommand(
    program,
    'activations <model> <frames> <out>',
    'filter activations of frames or a video, as .npz',
    'Runs an image, a folder of images or a video through an ONNX model, without a project, and writes an .npz with one float32\n' +
      'array [frames × filters] per tap, named by the tap.',
  )
    .option('--layers <which>', 'last, blocks, all, or names with commas (default: last)')
    .addOption(choiceOption('--reducer <how>', 'one number per feature map (default: max)', reducerChoice))
    .option('--tr <seconds>', 'video: the last frame of every TR (default: every frame)', parsePositive)
    .option('--width <pixels>', 'width of frames (default: 256, or what the model asks)', parseCount)
    .option('--height <pixels>', 'height of frames (default: 180, or what the model asks)', parseCount)
    .addOption(
      choiceOption(
        '--normalisation <how>',
        'imagenet (default), unit (0…1) or none (0…255)',
        importModelInput.shape.normalisation.unwrap(),
      ),
    )
    .addOption(
      choiceOption('--channel-order <order>', 'order of colours (default: RGB)', importModelInput.shape.channelOrder.unwrap()),
    )
    .option('--mean <r,g,b>', 'mean to subtract, in the units of --normalisation', parseNumbers)
    .option('--deviation <r,g,b>', 'deviation to divide by', parseNumbers)
    .action((model: string, frames: string, out: string, options: ActivationOptions) =>
      runCommand(options.json ?? false, async (context) => {
        const { json: _json, layers, tr, ...settings } = options;
        const preset = (['last', 'blocks', 'all'] as const).find((name) => name === (layers ?? 'last'));
        const input = {
          ...{ model: parsePath(model), frames: parsePath(frames), output: parsePath(out) },
          ...given({ ...settings, trSeconds: tr }),
          layers: preset ?? parseList(layers!),
        };
        const result = await extractToFile(input, toolContext(context));
        const rows = result.taps.map((tap) => [tap.layer, tap.filters, result.frames]);
        return { json: result, text: `${formatColumns([['tap', 'filters', 'frames'], ...rows])}\nwrote ${out}\n` };
      }),
    );
}
