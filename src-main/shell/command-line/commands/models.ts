import type { Command } from 'commander';
import { withProjectReadOnly } from '../../../api/application';
import { listModelCards, viewCatalogue } from '../../../api/model-card';
import { readCheckpointInfo } from '../../../api/tools';
import { addCommand, parsePath } from '../options';
import { addModelCardCommand } from './model-card';
import { addRandomModelCommand } from './random-model';
import { runCommand } from '../run-command';
import { formatColumns } from '../terminal';
import { toolContext } from '../tool-context';

const BYTES_PER_MEBIBYTE = 2 ** 20;

export function addModelCommands(program: Command): void {
  addModelsCommand(program);
  addModelCardCommand(program);
  addRandomModelCommand(program);
  addCatalogueCommand(program);
  addCheckpointInfoCommand(program);
}

function addModelsCommand(program: Command): void {
  addCommand(
    program,
    'models <dir>',
    'the CNNs of a project',
    'Lists the models of a project with what is known of them: architecture, training set, top-1, where the file is from.',
  ).action((folder: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const models = await withProjectReadOnly(folder, listModelCards);
      const rows = models.map((model) => [
        ...[model.name, model.architecture ?? '', model.trainedOn ?? '', model.top1Percent],
        ...[model.card.format ?? '', model.card.inputSize, model.sourceHash.slice(0, 8), model.card.publicFile ?? ''],
      ]);
      const header = ['model', 'architecture', 'trained on', 'top-1 %', 'from', 'input', 'SHA-256', 'public file'];
      const text =
        models.length === 0 ? 'no models yet: `syncact catalogue` says which files to get\n' : formatColumns([header, ...rows]);
      return { json: { models }, text };
    }),
  );
}

function addCatalogueCommand(program: Command): void {
  addCommand(
    program,
    'catalogue [dir]',
    'which files hold the CNNs of the paper',
    'Lists the ten networks of the paper trained on ImageNet and on Places365: the public file of each, its size, how its SHA-256 begins,\n' +
      'and where its publisher offers it. Nothing is downloaded. With a project it also says which are there.',
  ).action((folder: string | undefined, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const entries =
        folder === undefined ? viewCatalogue(null) : await withProjectReadOnly(folder, ({ database }) => viewCatalogue(database));
      const rows = entries.map(({ title, trainedOn, file, bytes, bytesAreExact, hashPrefix, top1Percent, address, models }) => [
        ...[title, trainedOn, file ?? 'none is published: bring your own'],
        file === null ? null : `${bytesAreExact ? '' : 'about '}${(bytes / BYTES_PER_MEBIBYTE).toFixed(1)} MiB`,
        ...[hashPrefix ?? '', top1Percent],
        folder === undefined
          ? (address ?? '')
          : models.map(({ name, isPublicFile }) => `${name}${isPublicFile ? ' ✓' : ''}`).join(', '),
      ]);
      const header = [
        'network',
        'trained on',
        'file',
        'size',
        'SHA-256',
        'top-1 %',
        folder === undefined ? 'offered at' : 'in the project',
      ];
      return { json: { entries }, text: formatColumns([header, ...rows]) };
    }),
  );
}

function addCheckpointInfoCommand(program: Command): void {
  addCommand(
    program,
    'checkpoint-info <file>',
    'what a file of weights holds',
    'Lists the tensors of a PyTorch checkpoint or .safetensors, and says which bundled network they are of, or why none fits. The file is\n' +
      'read as data; nothing in it is run.',
  ).action((file: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async (context) => {
      const info = await readCheckpointInfo({ file: parsePath(file) }, toolContext(context));
      const verdict =
        info.architecture === null
          ? `${info.mismatch}\n`
          : `${info.architecture}${info.classes === null ? ' without a classifier' : `, ${info.classes} classes`}\n`;
      const rows = info.tensors.map(({ name, type, shape }) => [name, type, shape.join(' × ') || 'single value']);
      const count = `${info.format}: ${info.tensors.length} tensors, ${(info.values / 1e6).toPrecision(3)} million values\n`;
      return { json: info, text: `${count}${formatColumns([['tensor', 'type', 'shape'], ...rows])}\n${verdict}` };
    }),
  );
}
