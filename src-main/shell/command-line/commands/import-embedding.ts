import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { importEmbeddingInput, type JobInput } from '../../../../src-preload/shared/contract/job-inputs';
import { errorLine, UserError } from '../../../../src-preload/shared/domain/errors';
import { planExternal } from '../../../api/external-plan';
import { withProjectReadOnly } from '../../../api/application';
import { addCommand, choiceOption, given, parsePath } from '../options';
import { runCommand, type CommandContext, type CommandOutput } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

interface Options {
  json?: boolean;
  maps: string;
  activations?: string[];
  dualRegression?: boolean;
  order?: 'subject' | 'movie-run';
  table?: string;
  name?: string;
  dryRun?: boolean;
}

export function addImportEmbeddingCommand(program: Command): void {
  addCommand(
    program,
    'import-embedding <dir>',
    'bring in FBNs made elsewhere (MELODIC, CanICA, any 4D NIfTI)',
    'Imports FBN maps and their activations as an embedding, with which couple, report and quality work as with a trained one.\n' +
      'Maps: an output folder of MELODIC (melodic_IC), or a 4D NIfTI image with one map per volume (CanICA, DictLearning). On another\n' +
      'grid they are resampled to the project’s. Activations: one table per subject and movie run, or one per movie run for a mean\n' +
      'over subjects; [time × FBNs] as .tsv, .csv, .txt, .npy or .npz; dr_stage1_subject….txt of FSL’s dual_regression. Subject and\n' +
      'movie run are read from the names; numbered files from the commands that dual_regression keeps (scripts+logs/drA), or by\n' +
      '--order. With --dual-regression they are computed from the test subjects’ runs: every volume is regressed on all maps and a\n' +
      'constant. --dry-run says what would be imported, and every problem, and writes nothing.',
  )
    .requiredOption('--maps <path>', 'a 4D image, or the folder that it is in', parsePath)
    .addOption(new Option('--activations <paths...>', 'files of activations, or folders of them').conflicts('dualRegression'))
    .option('--dual-regression', 'compute the activations from the project’s runs')
    .addOption(
      choiceOption(
        '--order <which>',
        'how numbered files are ordered: all runs of a subject together, or all subjects of a movie run',
        importEmbeddingInput.shape.order.unwrap(),
      ),
    )
    .option(
      '--table <file>',
      'TSV with columns file, subject (n/a: a mean over subjects), movie_run and, for .npz, array',
      parsePath,
    )
    .option('--name <text>', 'what to call it (default: the name of the maps)')
    .option('--dry-run', 'check everything, import nothing')
    .action((folder: string, options: Options) =>
      runCommand(options.json ?? false, async (context) =>
        options.dryRun ? plan(folder, options, context) : importNow(folder, options, context),
      ),
    );
}

function toInput({ maps, activations, table, dualRegression, order, name }: Options): JobInput<'import-embedding'> {
  const files = activations?.map((path) => resolve(path));
  return {
    file: maps,
    ...given({ files, dualRegression, order, name, assignments: table && readAssignments(table) }),
  } as JobInput<'import-embedding'>;
}

async function importNow(folder: string, options: Options, context: CommandContext): Promise<CommandOutput> {
  const input = toInput(options);
  return withOpenProject(folder, 'import-embedding', async (open) => {
    const output = await runJob(open, 'import-embedding', input, context);
    const { embedding, method, name, fbns, activations, tables, testSubjects, maps, alreadyImported } = output;
    const subjects = testSubjects.length > 0 ? `${testSubjects.length} subjects` : 'a mean over subjects';
    const how =
      activations === 'imported' ? `${tables.length} tables of ${subjects}` : `computed for ${subjects} by dual regression`;
    const text =
      `embedding ${embedding}: ${fbns} FBNs of ${method}, "${name}"${alreadyImported ? ' (imported before)' : ''}\n` +
      `activations: ${how}\nFBN maps: ${maps}\n`;
    return { json: output, text };
  });
}

/** What would be imported; an import that would be refused ends with its problems. */
async function plan(folder: string, options: Options, { signal, display }: CommandContext): Promise<CommandOutput> {
  const input = importEmbeddingInput.parse(toInput(options));
  const found = await withProjectReadOnly(folder, (project) => planExternal(project, input, signal));
  if (found.problems.length > 1) for (const line of listProblems(found.problems)) display.note(line);
  if (found.problems.length > 0) {
    const [first] = found.problems;
    const what = `${found.problems.length} problems stand in the way of the import`;
    throw found.problems.length === 1
      ? first!
      : new UserError({ code: 'file-content', what, remedy: 'mend what is listed above' });
  }
  const { maps, tables, remarks } = found;
  const rows = tables.map((one) => [one.file, one.array ?? '', one.subject ?? 'mean', one.movieRun, one.timePoints]);
  const head = `${maps!.header.volumes} maps of ${maps!.method}: ${maps!.file}\n`;
  const text = [
    head,
    rows.length > 0
      ? formatColumns([['file', 'array', 'subject', 'movie run', 'time points'], ...rows])
      : 'activations by dual regression\n',
    ...remarks.map((remark) => `note: ${remark}\n`),
  ];
  return {
    json: { maps: { file: maps!.file, method: maps!.method, fbns: maps!.header.volumes }, tables, remarks },
    text: text.join(''),
  };
}

/** One line per kind of problem, with the first file that has it. */
function listProblems(problems: readonly UserError[]): string[] {
  const kinds = Map.groupBy(problems, ({ details: { file: _, ...rest } }) => JSON.stringify(rest));
  return [...kinds.values()].map(([first, ...others]) => {
    const more = others.length > 0 ? ` (and ${others.length} more such files)` : '';
    return `problem: ${errorLine({ kind: 'user', details: { ...first!.details, what: first!.details.what + more } })}`;
  });
}

/** @throws UserError where the table lacks a column or a cell */
function readAssignments(table: string) {
  const [head = '', ...rows] = readFileSync(table, 'utf8')
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  const names = head.split('\t');
  const missing = ['file', 'subject', 'movie_run'].find((name) => !names.includes(name));
  if (missing !== undefined) {
    const expected = 'columns file, subject and movie_run, separated by tabs';
    throw new UserError({
      code: 'file-content',
      what: `the table has no column "${missing}"`,
      file: table,
      expected,
      found: names.join(', '),
    });
  }
  return rows.map((row, i) => {
    const cells = row.split('\t');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    const [file, subject, movieRun, array] = ['file', 'subject', 'movie_run', 'array'].map(cell) as [
      string,
      string,
      string,
      string,
    ];
    if (!file || !movieRun)
      throw new UserError({
        code: 'file-content',
        what: `row ${i + 1} of the table is not whole`,
        file: table,
        expected: 'a file and a movie run',
      });
    return {
      ...{ file: resolve(dirname(table), file), movieRun, array: array || null },
      subject: subject === '' || subject === 'n/a' ? null : subject,
    };
  });
}
