import type { Command } from 'commander';
import { addCommand, given, parseCount, parseNumber, parsePath, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addLabelCommands(program: Command): void {
  addImportCommand(program);
  addImagesCommand(program);
  addDissectCommand(program);
}

function addImportCommand(program: Command): void {
  addCommand(
    program,
    'import-labels <dir> <file>',
    'bring in what filters are labelled as',
    'Reads tally.csv of Network Dissection, report.json of dissect, descriptions of CLIP-Dissect and MILAN, or a table of unit and label. ' +
      'Whether units count from 0 or 1, and which layer they are of, is found and shown.',
  )
    .requiredOption('--model <name>', 'the model whose filters they are')
    .option('--layer <name>', 'the layer they are of (default: as the file says)')
    .option('--first-unit <n>', 'number of the first unit in the file, 0 or 1 (default: found)', parseSeed)
    .option('--name <name>', 'what to call the labels (default: by their method)')
    .action(
      (
        folder: string,
        file: string,
        options: { json?: boolean; model: string; layer?: string; firstUnit?: number; name?: string },
      ) =>
        runCommand(options.json ?? false, (context) =>
          withOpenProject(folder, 'import-labels', async (open) => {
            const { model, layer, firstUnit, name } = options;
            const input = { model, file: parsePath(file), ...given({ layer, firstUnit: firstUnit as 0 | 1 | undefined, name }) };
            const output = await runJob(open, 'import-labels', input, context);
            const rows = output.layers.map((one) => [
              ...[one.layer, one.fileLayer, one.name, one.labels, one.passing],
              `from ${one.firstUnit}: ${one.numberingBecause}`,
            ]);
            const header = ['layer', 'in the file', 'labels', 'filters', 'IoU > 0.04', 'units count'];
            return { json: output, text: formatColumns([header, ...rows]) };
          }),
        ),
    );
}

interface PictureOptions {
  json?: boolean;
  model: string;
  layer: string;
  name?: string;
  count?: number;
  size?: number;
  threads?: number;
  quantile?: number;
}

function addPictureOptions(command: Command): Command {
  return command
    .requiredOption('--model <name>', 'the model')
    .requiredOption('--layer <name>', 'the layer')
    .option('--name <name>', 'what to call the result (default: by the folder)')
    .option('--count <n>', 'pictures kept of each filter (default: 10)', parseCount)
    .option('--size <pixels>', 'size at which pictures enter a CNN that takes any (default: 227)', parseCount)
    .option('--threads <n>', 'CPU threads (default: the engine’s own choice)', parseCount);
}

function addImagesCommand(program: Command): void {
  addPictureOptions(
    addCommand(
      program,
      'images <dir> <folder>',
      'find the pictures that activate each filter most',
      'Shows a CNN every picture of a folder and keeps, of every filter of a layer, those that activate it most, drawn with what the filter saw.\n' +
        'An interrupted search goes on with the same command.',
    ),
  ).action((folder: string, pictures: string, options: PictureOptions) =>
    runCommand(options.json ?? false, (context) =>
      withOpenProject(folder, 'images', async (open) => {
        const { model, layer, name, count, size, threads } = options;
        const input = { model, layer, folder: parsePath(pictures), ...given({ name, count, size, threads }) };
        const output = await runJob(open, 'filter-images', input, context);
        const state = output.skipped ? 'there already' : `${output.picturesPerSecond?.toFixed(1) ?? '–'} pictures/s`;
        return { json: output, text: `${output.name}: ${output.filters} filters, ${output.pictures} pictures, ${state}\n` };
      }),
    ),
  );
}

function addDissectCommand(program: Command): void {
  addPictureOptions(
    addCommand(
      program,
      'dissect <dir> <folder>',
      'label filters by Network Dissection',
      'Labels every filter of a layer with the concept that it overlaps most with, from a folder in the format of Broden (index.csv, label.csv, images/) ' +
        'or of pictures and masks (images/NAME.jpg, masks/CONCEPT/NAME.png). Chance: the overlap with the labels of other pictures.\n' +
        'An interrupted dissection goes on with the same command.',
    ).option(
      '--quantile <share>',
      'a filter is active where it is among this share of its activations (default: 0.005)',
      parseNumber,
    ),
  ).action((folder: string, pictures: string, options: PictureOptions) =>
    runCommand(options.json ?? false, (context) =>
      withOpenProject(folder, 'dissect', async (open) => {
        const { model, layer, name, count, size, threads, quantile } = options;
        const input = { model, layer, folder: parsePath(pictures), ...given({ name, count, size, threads, quantile }) };
        const output = await runJob(open, 'dissect', input, context);
        const rows = output.labels.map(({ filter, label, category, score, chance }) => [
          ...[filter, label || null, category, score === null ? null : Number(score.toFixed(4))],
          chance === null ? null : Number(chance.toFixed(4)),
        ]);
        const table = formatColumns([['filter', 'label', 'category', 'IoU', 'by chance'], ...rows]);
        return { json: output, text: `${table}\n${output.passing} of ${output.filters} filters with IoU > 0.04\n` };
      }),
    ),
  );
}
