import { Option, type Command } from 'commander';
import { importTermsInput } from '../../../../src-preload/shared/contract/semantics-inputs';
import type { StudiesSummary } from '../../../../src-preload/shared/contract/semantics-tasks';
import { withProjectReadOnly } from '../../../api/application';
import { reportPeaks } from '../../../api/semantics/peaks';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import {
  addCommand,
  choiceOption,
  given,
  parseCount,
  parseList,
  parseNumber,
  parsePath,
  parsePositive,
  parseSeed,
} from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addTermCommands(program: Command): void {
  addImportCommand(program);
  addDecodeCommand(program);
  addPeaksCommand(program);
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
    code: 'setting-invalid',
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

interface DecodeOptions {
  json?: boolean;
  embedding?: number;
  vocabulary?: string[];
  null?: 'spatial';
  permutations?: number;
}

const PERMUTATIONS = 999;

function permutationsOf({ null: kind, permutations }: DecodeOptions): number | undefined {
  if (permutations !== undefined && !kind)
    throw new UserError({
      code: 'setting-invalid',
      what: '--permutations needs a null',
      expected: '--null spatial --permutations N',
    });
  return kind && (permutations ?? PERMUTATIONS);
}

function shortP(p: number): string {
  return p < 0.01 ? p.toFixed(4) : p.toFixed(2);
}

function addDecodeCommand(program: Command): void {
  addCommand(
    program,
    'decode <dir>',
    'compare every FBN with every term',
    'Pearson r between the map of every FBN and that of every term, over the voxels they share. r tells how alike two maps are; it has no p.\n' +
      'Smooth maps are often alike by chance: --null spatial compares every FBN with random maps of its own spatial autocorrelation\n' +
      '(variogram-matched, Burt et al. 2020) too, a second opinion on the ranking: p, and p by the largest |r| over all terms (familyP).',
  )
    .option('--embedding <id>', 'which embedding (default: the newest)', parseCount)
    .option('--vocabulary <names>', 'which vocabularies (default: all)', parseList)
    .addOption(new Option('--null <kind>', 'a second opinion beside r').choices(['spatial']))
    .option('--permutations <n>', 'with --null: random maps per FBN (default: 999)', parseCount)
    .action((folder: string, options: DecodeOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'decode', async (open) => {
          const { embedding, vocabulary: vocabularies } = options;
          const permutations = permutationsOf(options);
          const output = await runJob(open, 'decode', given({ embedding, vocabularies, permutations }), context);
          const tables = output.vocabularies.map(({ vocabulary, permutations: nulls, fbns }) => {
            const words = (terms: (typeof fbns)[number]['positive']) =>
              terms
                .slice(0, 3)
                .map(({ term, r, spatialNull }) => `${term} ${r.toFixed(3)}${spatialNull ? ` (p ${shortP(spatialNull.p)})` : ''}`)
                .join(', ') || null;
            const rows = fbns.map(({ fbn, positive, negative }) => [fbn, words(positive), words(negative)]);
            const opinion = nulls === null ? '' : `; p: ${nulls} random maps as smooth as each FBN, of each term by itself`;
            return `${vocabulary}${opinion}\n${formatColumns([['FBN', 'like', 'unlike'], ...rows])}`;
          });
          return { json: output, text: tables.join('\n') };
        }),
      ),
    );
}

interface PeakOptions {
  json?: boolean;
  embedding?: number;
  fbn?: number;
  atlas?: string;
  names?: string;
  threshold?: number;
  smallest?: number;
}

function addPeaksCommand(program: Command): void {
  addCommand(
    program,
    'peaks <dir>',
    'where FBNs lie: clusters with their peaks',
    'Clusters of every FBN’s map, strongest peak first: MNI coordinates, z over the map’s voxels, size, side, and with --atlas the label there.',
  )
    .option('--embedding <id>', 'which embedding (default: the newest)', parseCount)
    .option('--fbn <n>', 'one FBN, from 0 (default: all)', parseSeed)
    .option('--atlas <file>', 'a volume of label numbers in MNI space', parsePath)
    .option('--names <file>', 'with --atlas: a table of number and name', parsePath)
    .option('--threshold <z>', '|z| from which a voxel counts (default: 2.3)', parsePositive)
    .option('--smallest <voxels>', 'voxels a cluster has at least (default: 10)', parseCount)
    .action((folder: string, options: PeakOptions) =>
      runCommand(options.json ?? false, () =>
        withProjectReadOnly(folder, async (project) => {
          const { embedding, fbn, atlas, names, threshold = 2.3, smallest = 10 } = options;
          const places = atlas === undefined ? undefined : { file: atlas, names };
          const output = await reportPeaks(project, { embedding, fbn, atlas: places, threshold, smallest });
          const rows = output.fbns.flatMap(({ fbn: own, clusters }) =>
            clusters.map(({ peak, z, voxels, volume, side, label }) => [
              ...[own, ...peak.map(Math.round), Number(z.toFixed(2)), voxels, Math.round(volume), side, label],
            ]),
          );
          const header = ['FBN', 'x', 'y', 'z (mm)', 'z', 'voxels', 'mm³', 'side', 'label'];
          return { json: output, text: formatColumns([header, ...rows]) };
        }),
      ),
    );
}
