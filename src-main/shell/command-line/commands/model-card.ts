import type { Command } from 'commander';
import { withProjectReadOnly } from '../../../api/application';
import { changeModelNamed, readModelCard, type ModelCardChange } from '../../../api/change-model';
import { addCommand, addPreprocessingOptions, given, parseCount, parseNumber, type PreprocessingOptions } from '../options';
import { runCommand } from '../run-command';
import { withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

interface ModelCardOptions extends PreprocessingOptions {
  json?: boolean;
  name?: string;
  arch?: string;
  trainedOn?: string;
  top1?: number;
  inputSize?: number;
  licence?: string;
  notes?: string;
}

export function addModelCardCommand(program: Command): void {
  addPreprocessingOptions(
    addCommand(
      program,
      'model-card <dir> <model>',
      'show or change what is said of a CNN',
      'Without options it shows the card of a model; every option changes what it names, and "" takes a text back. After a change of\n' +
        'the normalisation the model’s activations are to be extracted again; those that are there count again when it is changed back.',
    )
      .option('--name <name>', 'another name in this project')
      .option('--arch <name>', 'architecture, as in the paper’s tables: "ResNet-18"')
      .option('--trained-on <name>', 'dataset it was trained on: "ImageNet"')
      .option('--top1 <percent>', 'its ImageNet top-1 accuracy', parseNumber)
      .option('--input-size <pixels>', 'side of the pictures it was trained on', parseCount)
      .option('--licence <text>', 'under which its weights are given')
      .option('--notes <text>', 'whatever else is to be known'),
  ).action((folder: string, model: string, options: ModelCardOptions) =>
    runCommand(options.json ?? false, async () => {
      const change = changeOf(options);
      const card =
        Object.keys(change).length === 0
          ? await withProjectReadOnly(folder, (project) => readModelCard(project, model))
          : await withOpenProject(folder, 'model-card', ({ project }) =>
              Promise.resolve(changeModelNamed(project, model, change)),
            );
      const { card: more, preprocessing, ...said } = card;
      const rows = Object.entries({ ...said, ...more, ...preprocessing }).map(([key, value]) => [
        key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
        Array.isArray(value) ? value.join(', ') : (value ?? 'not said'),
      ]);
      return { json: card, text: formatColumns([['what', ''], ...rows]) };
    }),
  );
}

function changeOf(options: ModelCardOptions): ModelCardChange {
  const { name, arch, trainedOn, top1, inputSize, licence, notes, normalisation, channelOrder, mean, deviation } = options;
  const card = given({ inputSize, licence: orNull(licence), notes: orNull(notes) });
  const preprocessing = given({ normalisation, channelOrder, mean, deviation });
  return {
    ...given({ name, architecture: orNull(arch), trainedOn: orNull(trainedOn), top1Percent: top1 }),
    ...(Object.keys(card).length > 0 && { card }),
    ...(Object.keys(preprocessing).length > 0 && { preprocessing }),
  };
}

/** An empty text takes back what was said. */
function orNull(text: string | undefined): string | null | undefined {
  return text?.trim() === '' ? null : text?.trim();
}
