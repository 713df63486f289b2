import { Option, type Command } from 'commander';
import { importTermsInput } from '../../../../src-preload/shared/contract/semantics-inputs';
import type { StudiesSummary } from '../../../../src-preload/shared/contract/semantics-tasks';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { addCommand, choiceOption, given, parseCount, parseList, parseNumber, parsePath } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addTermCommands(program: Command): void {
  addImportCommand(program);
  addDecodeCommand(program);
}

interface TermOptions {
  json?: boolean;
  neurosynth?: string;
  nimare?: string;
  maps?: string;
  vocabulary?: string;
  name?: string;
  mask?: string;
  threshold?: number;
  unknownSpace?: 'mni' | 'skip';
}

function addImportCommand(program: Command): void {
  addCommand(
    program,
    'import-terms <dir>',
    'bring in terms with their brain maps',
    'Makes the map of every term of a vocabulary under the brain mask: from the files of a meta-analytic database (Neurosynth 7, NeuroQuery) by ' +
      'multilevel kernel density χ², from a NiMARE dataset, or from ready maps. Peaks in Talairach space are brought to MNI.\n' +
      'Same files and settings: nothing is computed again; an interrupted import goes on with the same command.',
  )
    .addOption(
      new Option('--neurosynth <folder>', 'coordinates, metadata, features and vocabulary files')
        .argParser(parsePath)
        .conflicts(['nimare', 'maps']),
    )
    .addOption(new Option('--nimare <file>', 'a NiMARE dataset in JSON').argParser(parsePath).conflicts('maps'))
    .option('--maps <folder>', 'ready maps: NIfTI files named by their terms', parsePath)
    .option('--vocabulary <name>', 'which vocabulary of the folder, where there are several: LDA50, terms')
    .option('--name <name>', 'what to call it in this project')
    .option('--mask <file>', 'brain mask (default: the project’s)', parsePath)
    .option(
      '--threshold <weight>',
      'a study is one of a term above this weight (default: tf-idf 0.001, topics 0.05)',
      parseNumber,
    )
    .addOption(
      choiceOption(
        '--unknown-space <how>',
        'peaks of an unknown space: mni (default) takes them as MNI, skip leaves them out',
        importTermsInput.shape.unknownSpace.unwrap(),
      ),
    )
    .action((folder: string, options: TermOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'import-terms', async (open) => {
          const { name, mask, threshold, unknownSpace } = options;
          const input = { source: sourceOf(options), ...given({ name, mask, threshold, unknownSpace }) };
          const output = await runJob(open, 'import-terms', input, context);
          const lines = [
            `${output.vocabulary}: ${output.terms} terms, ${output.voxels} voxels${output.skipped ? ' (there already)' : ''}`,
          ];
          if (output.studies) lines.push(describeStudies(output.studies));
          return { json: output, text: `${lines.join('\n')}\n` };
        }),
      ),
    );
}

function sourceOf({ neurosynth, nimare, maps, vocabulary }: TermOptions) {
  if (neurosynth) return { database: neurosynth, ...given({ vocabulary }) };
  if (nimare) return { nimare };
  if (maps) return { maps };
  throw new UserError({
    what: 'import-terms needs a source',
    expected: '--neurosynth FOLDER, --nimare FILE or --maps FOLDER',
  });
}

function describeStudies(summary: StudiesSummary): string {
  const count = (value: number) => value.toLocaleString('en-US');
  const spaces = Object.entries(summary.spaces).map(([name, studies]) => `${name} ${count(studies)}`);
  const unknown = summary.unknownTakenAsMni ? 'taken as MNI' : 'left out';
  return [
    `${count(summary.peaks)} peaks of ${count(summary.studies)} studies (${spaces.join(', ')})`,
    `${count(summary.transformedPeaks)} peaks brought from Talairach to MNI, ${count(summary.unknownPeaks)} of unknown space ${unknown}`,
  ].join('\n');
}

function addDecodeCommand(program: Command): void {
  addCommand(
    program,
    'decode <dir>',
    'compare every FBN with every term',
    'Pearson r between the map of every FBN and that of every term, over the voxels they share. r tells how alike two maps are; it has no p.',
  )
    .option('--embedding <id>', 'which embedding (default: the newest)', parseCount)
    .option('--vocabulary <names>', 'which vocabularies (default: all)', parseList)
    .action((folder: string, options: { json?: boolean; embedding?: number; vocabulary?: string[] }) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'decode', async (open) => {
          const { embedding, vocabulary: vocabularies } = options;
          const output = await runJob(open, 'decode', given({ embedding, vocabularies }), context);
          const tables = output.vocabularies.map(({ vocabulary, fbns }) => {
            const words = (terms: (typeof fbns)[number]['positive']) =>
              terms
                .slice(0, 3)
                .map(({ term, r }) => `${term} ${r.toFixed(3)}`)
                .join(', ') || null;
            const rows = fbns.map(({ fbn, positive, negative }) => [fbn, words(positive), words(negative)]);
            return `${vocabulary}\n${formatColumns([['FBN', 'like', 'unlike'], ...rows])}`;
          });
          return { json: output, text: tables.join('\n') };
        }),
      ),
    );
}
