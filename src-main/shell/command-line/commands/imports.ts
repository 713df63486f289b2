import { Option, type Command } from 'commander';
import type { ImportModelOutput } from '../../../api/jobs/import-model';
import { importFmriInput } from '../../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import {
  addCommand,
  addPreprocessingOptions,
  choiceOption,
  given,
  parseCount,
  parseList,
  parseNumber,
  parsePath,
  parsePositive,
  type PreprocessingOptions,
} from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addImportCommands(program: Command): void {
  addFmriCommand(program);
  addMovieCommand(program);
  addModelCommand(program);
}

interface FmriOptions {
  json?: boolean;
  bids?: string;
  files?: string[];
  task?: string;
  space?: string;
  desc?: string;
  run?: string;
  mask?: string;
  like?: string;
  voxelMm?: number;
  tr?: number;
  trim?: boolean;
  detrend?: boolean;
  confounds?: string;
  antiAlias?: boolean;
  dataType?: 'float16' | 'float32';
}

function addFmriCommand(program: Command): void {
  addCommand(
    program,
    'import-fmri <dir>',
    'bring in fMRI runs',
    'Resamples NIfTI runs to the common grid, masks and z-scores every voxel, and stores one matrix per run.\n' +
      'Runs already imported with the same settings are skipped, so an interrupted import goes on with the same command.',
  )
    .addOption(new Option('--bids <root>', 'a BIDS or fMRIPrep dataset').argParser(parsePath).conflicts('files'))
    .option('--files <files...>', 'NIfTI files; subject and run are read from their names')
    .option('--task <name>', 'BIDS: only this task')
    .option('--space <name>', 'BIDS: the space to take where there are several')
    .option('--desc <name>', 'BIDS: the desc to take where there are several')
    .option('--run <name>', 'with --files: the name of the movie run all of them belong to')
    .option('--mask <file>', 'brain mask (default: the project’s, or computed from the runs)', parsePath)
    .addOption(
      new Option('--voxel-mm <mm>', 'MNI152 grid at this voxel size (default: 4)').argParser(parsePositive).conflicts('like'),
    )
    .option('--like <file>', 'take the grid of this file instead', parsePath)
    .option('--tr <seconds>', 'the TR, where header and sidecar disagree or give none', parsePositive)
    .option('--trim', 'cut runs of different length (and the movie) to the shortest')
    .option('--detrend', 'remove the linear trend of every voxel')
    .option('--confounds <columns>', 'regress out columns of the confounds file: default, or names with commas')
    .option('--anti-alias', 'smooth before going to larger voxels')
    .addOption(
      choiceOption('--data-type <type>', 'how matrices are stored (default: float16)', importFmriInput.shape.dataType.unwrap()),
    )
    .action((folder: string, options: FmriOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'import-fmri', async (open) => {
          const output = await runJob(open, 'import-fmri', fmriInput(options), context);
          const rows = output.runs.map((run) => [
            ...[run.subject, run.movieRun, run.volumes, run.trSeconds, run.constantVoxels, run.nonFiniteVoxels],
            run.skipped ? 'there already' : 'imported',
          ]);
          const table = formatColumns([
            ['subject', 'movie run', 'volumes', 'TR (s)', 'constant voxels', 'non-finite', ''],
            ...rows,
          ]);
          return { json: output, text: `${table}\nmask: ${output.mask.voxels} voxels, ${output.mask.origin}\n` };
        }),
      ),
    );
}

function fmriInput(options: FmriOptions) {
  const { bids, files, task, space, desc, run, voxelMm, like, confounds } = options;
  if (!bids && !files)
    throw new UserError({ code: 'setting-invalid', what: 'import-fmri needs runs', expected: '--bids ROOT or --files FILE…' });
  const grid = like !== undefined ? { like } : voxelMm !== undefined ? { voxelMm: voxelMm } : undefined;
  return {
    source: bids
      ? { bids, ...given({ task, space, description: desc }) }
      : { files: files!.map(parsePath), ...given({ movieRun: run }) },
    ...given({
      grid,
      mask: options.mask,
      trSeconds: options.tr,
      trim: options.trim,
      detrend: options.detrend,
      confounds: confounds === undefined || confounds === 'default' ? (confounds as 'default' | undefined) : parseList(confounds),
      antiAlias: options.antiAlias,
      dataType: options.dataType,
    }),
  };
}

interface MovieOptions {
  json?: boolean;
  run: string;
  video?: string;
  frames?: string;
  fps?: number;
  tr: number;
  offset?: number;
  width?: number;
  height?: number;
  trim?: boolean;
}

function addMovieCommand(program: Command): void {
  addCommand(
    program,
    'import-movie <dir>',
    'bring in the movie of a run',
    'Takes the last frame of every TR, by timestamp, and stores it at the size the CNNs get.',
  )
    .requiredOption('--run <name>', 'the movie run, as import-fmri names it (see syncact info)')
    .addOption(new Option('--video <file>', 'a video file').argParser(parsePath).conflicts('frames'))
    .option('--frames <folder>', 'a folder of numbered images', parsePath)
    .option('--fps <n>', 'with --frames: images per second (default: one image per TR)', parsePositive)
    .requiredOption('--tr <seconds>', 'the TR of the fMRI', parsePositive)
    .option('--offset <seconds>', 'movie time at which the first TR begins (default: 0)', parseNumber)
    .option('--width <pixels>', 'width of stored frames (default: 256)', parseCount)
    .option('--height <pixels>', 'height of stored frames (default: 180)', parseCount)
    .option('--trim', 'where movie and fMRI differ in length, use the shorter')
    .action((folder: string, options: MovieOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'import-movie', async (open) => {
          const { run, video, frames, fps, tr, offset, width, height, trim } = options;
          if (!video && !frames)
            throw new UserError({
              code: 'setting-invalid',
              what: 'import-movie needs a movie',
              expected: '--video FILE or --frames FOLDER',
            });
          const source = video ? { video } : { folder: frames!, ...given({ framesPerSecond: fps }) };
          const input = { movieRun: run, source, trSeconds: tr, ...given({ offsetSeconds: offset, width, height, trim }) };
          const output = await runJob(open, 'import-movie', input, context);
          const trimmed = output.trimmed ? `\ntrimmed: ${output.trimmed}` : '';
          return { json: output, text: `${run}: ${output.frames} frames of ${output.width} × ${output.height}${trimmed}\n` };
        }),
      ),
    );
}

interface ModelOptions extends PreprocessingOptions {
  json?: boolean;
  arch?: string;
  name?: string;
  trainedOn?: string;
  top1?: number;
}

function addModelCommand(program: Command): void {
  addPreprocessingOptions(
    addCommand(
      program,
      'import-model <dir> <file>',
      'bring in a CNN',
      'Reads a PyTorch checkpoint (.pth, .pt, .pth.tar), .safetensors or an ONNX file, and finds the layers whose filters can be tapped. ' +
        'A checkpoint is converted to ONNX inside the project; its architecture is recognised by its parameters.',
    )
      .option(
        '--arch <name>',
        'architecture (resnet18, or as in the paper’s tables: "ResNet-18"); of a checkpoint only where it is not recognised',
      )
      .option('--name <name>', 'name in this project (default: the file’s)')
      .option('--trained-on <name>', 'dataset it was trained on: "ImageNet"')
      .option('--top1 <percent>', 'its ImageNet top-1 accuracy', parseNumber),
  ).action((folder: string, file: string, options: ModelOptions) =>
    runCommand(options.json ?? false, (context) =>
      withOpenProject(folder, 'import-model', async (open) => {
        const { arch, name, trainedOn, top1, normalisation, channelOrder, mean, deviation } = options;
        const settings = given({
          architecture: arch,
          name,
          trainedOn,
          top1Percent: top1,
          normalisation,
          channelOrder,
          mean,
          deviation,
        });
        const output = await runJob(open, 'import-model', { file: parsePath(file), ...settings }, context);
        const rows = output.layers.map((layer) => [layer.name, layer.filters, layer.kind, layer.isLastConvolution ? 'last' : '']);
        return { json: output, text: `${describeImport(output)}\n${formatColumns([['layer', 'filters', 'kind', ''], ...rows])}` };
      }),
    ),
  );
}

function describeImport({ model, checkpoint, trainedOn, top1Percent, top1Source }: ImportModelOutput): string {
  if (!checkpoint) return model;
  const { format, title, classes, parameters } = checkpoint;
  const facts = [
    `${title} from ${format}`,
    `${(parameters / 1e6).toFixed(1)} million parameters`,
    classes === null ? 'no classifier' : `${classes} classes`,
    trainedOn && `trained on ${trainedOn}`,
    top1Percent !== null && `top-1 ${top1Percent} %${top1Source === null ? '' : ` (${top1Source})`}`,
  ];
  return `${model}: ${facts.filter(Boolean).join(', ')}`;
}
