import type { Command } from 'commander';
import { relinkSources, type RelinkReport } from '../../../api/relink';
import { addCommand, parsePath } from '../options';
import { runCommand } from '../run-command';
import { withOpenProject } from '../run-job';

export function addRelinkCommand(program: Command): void {
  addCommand(
    program,
    'relink <dir> <from> <to>',
    'tell a project where its sources are now',
    'For projects and data that moved to another disk or machine. Sources (scans, movies, models, maps) that lay below FROM when they were\n' +
      'imported and are gone from there are looked for at the same place below TO. Only those with the same content, compared by hash, are\n' +
      'changed; the others are listed. `check` lists the sources that are missing.',
  ).action((folder: string, from: string, to: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async ({ signal }) => {
      const report = await withOpenProject(folder, 'relink', ({ project }) =>
        relinkSources(project, from, parsePath(to), signal),
      );
      return { json: report, text: describeReport(report) };
    }),
  );
}

function describeReport({ relinked, left }: RelinkReport): string {
  return [
    ...relinked.map(({ from, to }) => `${from} is now ${to}\n`),
    ...left.map(({ path, why }) => `left as it is: ${path} (${why})\n`),
    `${relinked.length} sources found, ${left.length} not\n`,
  ].join('');
}
