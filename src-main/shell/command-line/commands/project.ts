import type { Command } from 'commander';
import type { ProjectInfo } from '../../../../src-preload/shared/contract/project-info';
import { OpenProject, withProjectReadOnly } from '../../../api/application';
import { checkProject, type CheckReport } from '../../../api/check';
import { describeProject } from '../../../api/project-info';
import { restoreProject, viewBackup } from '../../../api/restore';
import { commonFolders } from '../../../api/source-places';
import { changeSplit } from '../../../api/split';
import { listBackups } from '../../../project/backups';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { addCommand, given, parseList, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { withOpenProject } from '../run-job';
import { formatColumns } from '../terminal';

export function addProjectCommands(program: Command): void {
  addInitCommand(program);
  addInfoCommand(program);
  addCheckCommand(program);
  addSplitCommand(program);
  addRestoreCommand(program);
}

function addInitCommand(program: Command): void {
  addCommand(
    program,
    'init <dir>',
    'create a project',
    'Creates a project folder (by custom NAME.syncact). The folder must be new or empty.',
  ).action((folder: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const open = OpenProject.create(folder, 'syncact init');
      const path = open.project.folder;
      await open.close();
      return { json: { project: path }, text: `created ${path}\nnext: syncact import-fmri ${folder} --bids ROOT\n` };
    }),
  );
}

function addInfoCommand(program: Command): void {
  addCommand(
    program,
    'info <dir>',
    'what is inside a project',
    'Shows what a project holds, what is stale and why, and what was left unfinished.',
  ).action((folder: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const info = await withProjectReadOnly(folder, describeProject);
      return { json: info, text: formatInfo(info) };
    }),
  );
}

function addCheckCommand(program: Command): void {
  addCommand(
    program,
    'check <dir>',
    'verify every hash and the databases',
    'Reads every file of a project and compares it with its stored hash, checks both databases, and tells whether source files\n' +
      'have changed. Changes nothing. Exits with 2 when something inside the project is damaged.',
  )
    .option('--sources', 'also read every source file again and compare its hash (slow)')
    .action((folder: string, options: { json?: boolean; sources?: boolean }) =>
      runCommand(options.json ?? false, async (context) => {
        const progress = (done: number, total: number, file: string) =>
          context.display.update({
            stage: `checking ${file}`,
            done,
            total,
            unit: 'files',
            unitsPerSecond: null,
            secondsLeft: null,
          });
        const report = await withProjectReadOnly(folder, (project) =>
          checkProject(project, { signal: context.signal, sources: options.sources ?? false, progress }),
        );
        if (report.problems.length > 0) process.exitCode = 2;
        return { json: report, text: formatCheck(report) };
      }),
    );
}

function addRestoreCommand(program: Command): void {
  addCommand(
    program,
    'restore <dir>',
    'put back a backup of the database',
    'Puts the newest sound copy of the database (or the one named) in the place of the one there is, which is kept in damaged/, and\n' +
      'adds the annotations written since that can still be read. Copies are made when a project is opened and closed, and every hour.',
  )
    .option('--backup <name>', 'the copy to put back (default: the newest)')
    .option('--list', 'list the copies; nothing is changed')
    .action((folder: string, options: { json?: boolean; backup?: string; list?: boolean }) =>
      runCommand(options.json ?? false, async () => {
        if (options.list) {
          const backups = listBackups(folder).map(viewBackup);
          const rows = backups.map(({ name, at, bytes }) => [name, at, formatBytes(bytes)]);
          return { json: { backups }, text: formatColumns([['backup', 'of', 'size'], ...rows]) };
        }
        const report = restoreProject(folder, options.backup, 'syncact restore');
        const text = `put back ${report.backup}\nthe damaged database is in ${report.kept}\nannotations since: ${report.events}\n`;
        return { json: report, text };
      }),
    );
}

function addSplitCommand(program: Command): void {
  addCommand(
    program,
    'split <dir>',
    'show or change the split of subjects',
    'Subjects are split into training, validation and test (60/10/30, by seed). Training uses the first, chooses the best epoch by\n' +
      'the second, and averages FBN activations over the third.',
  )
    .option('--seed <n>', 'split all subjects anew with this seed', parseSeed)
    .option('--train <subjects>', 'move these subjects (comma-separated) to training', parseList)
    .option('--validation <subjects>', 'move these subjects to validation', parseList)
    .option('--test <subjects>', 'move these subjects to test', parseList)
    .action(
      (folder: string, options: { json?: boolean; seed?: number; train?: string[]; validation?: string[]; test?: string[] }) =>
        runCommand(options.json ?? false, async () => {
          const { seed, train, validation, test } = options;
          const change = given({ seed, train, validation, test });
          const subjects =
            Object.keys(change).length === 0
              ? (await withProjectReadOnly(folder, describeProject)).subjects
              : await withOpenProject(folder, 'split', async ({ project }) => changeSplit(project, change));
          if (subjects.length === 0)
            throw new UserError({
              code: 'earlier-step-missing',
              what: 'the project has no subjects yet',
              file: folder,
              remedy: 'import fMRI first',
            });
          const rows = [['subject', 'split'], ...subjects.map(({ name, split }) => [name, split])];
          return { json: { subjects: subjects.map(({ name, split }) => ({ name, split })) }, text: formatColumns(rows) };
        }),
    );
}

function formatInfo(info: ProjectInfo): string {
  const sections = [`${info.name}  (${info.folder})\n${formatBytes(info.bytesOnDisk)}, created ${info.createdAt.slice(0, 10)}\n`];
  if (info.mask) sections.push(`Mask: ${info.mask.voxels} voxels on ${info.mask.grid.shape.join(' × ')}, ${info.mask.origin}\n`);
  if (info.subjects.length > 0) {
    const count = (split: string) => info.subjects.filter((subject) => subject.split === split).length;
    sections.push(
      `Subjects: ${info.subjects.length} (${count('train')} train, ${count('validation')} validation, ${count('test')} test)\n`,
    );
  }
  if (info.movieRuns.length > 0) {
    const rows = info.movieRuns.map((run) => [
      run.name,
      run.runs,
      run.timePoints,
      run.trSeconds,
      run.movie?.frames ?? null,
      run.trimmed ?? '',
    ]);
    sections.push(formatColumns([['Movie run', 'scans', 'time points', 'TR (s)', 'frames', 'trimmed'], ...rows]));
  }
  if (info.models.length > 0) {
    const rows = info.models.flatMap((model) =>
      model.layers
        .filter((layer) => layer.isLastConvolution || layer.extractedMovieRuns > 0)
        .map((layer) => [model.name, layer.name, layer.filters, layer.extractedMovieRuns]),
    );
    sections.push(formatColumns([['Model', 'layer', 'filters', 'movie runs extracted'], ...rows]));
  }
  if (info.embeddings.length > 0) {
    const rows = info.embeddings.map(({ id, variant, fbns, state, epochs, trainLoss, validationLoss, device }) => {
      return [id, variant, fbns, state, epochs, round(trainLoss), round(validationLoss), device];
    });
    sections.push(
      formatColumns([['Embedding', 'variant', 'FBNs', 'state', 'epochs', 'train loss', 'validation loss', 'device'], ...rows]),
    );
  }
  sections.push(`Couplings: ${info.couplings}\n`);
  if (info.stale.length > 0) sections.push(`Stale:\n${info.stale.map(({ what, why }) => `  ${what}: ${why}\n`).join('')}`);
  if (info.unfinishedJobs.length > 0) {
    sections.push(`Unfinished:\n${info.unfinishedJobs.map(({ id, type, state }) => `  job ${id} ${type}: ${state}\n`).join('')}`);
  }
  return sections.join('\n');
}

function formatCheck(report: CheckReport): string {
  const lines = [`${report.filesChecked} files and 2 databases checked`];
  lines.push(...report.problems.map((problem) => `damaged: ${problem}`));
  lines.push(...report.sources.map((source) => `source ${source.state}: ${source.path}`));
  if (report.problems.length === 0) lines.push('the project is sound');
  const missing = report.sources.filter(({ state }) => state === 'missing').map(({ path }) => path);
  if (missing.length > 0)
    lines.push(`if sources were moved: syncact relink DIR ${commonFolders(missing)[0]!.folder} FOLDER_WHERE_THEY_ARE_NOW`);
  return lines.map((line) => `${line}\n`).join('');
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function round(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5));
}
