import type { Command } from 'commander';
import type { RelinkReport } from '../../../../src-preload/shared/contract/sources';
import { isOfOtherSystem } from '../../../api/source-places';
import { addCommand, parsePath } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';

export function addRelinkCommand(program: Command): void {
  addCommand(
    program,
    'relink <dir> <from> <to>',
    'tell a project where its sources are now',
    'For projects and data that moved to another disk or machine. Sources (scans, movies, folders of frames, models, maps, terms, labels,\n' +
      'pictures, masks) that lay below FROM when they were imported and are gone from there are looked for at the same place below TO.\n' +
      'Only those with the same content, compared by hash, are changed; the others are listed, with the reason. FROM may be a folder or a\n' +
      'single source, and of another system (C:\\data). `check` lists the sources that are missing. Stopped, the command keeps what it\n' +
      'has found, and goes on from there when it is given again.',
  ).action((folder: string, from: string, to: string, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async (context) => {
      const input = { from: parseOldPlace(from), to: parsePath(to) };
      const report = await withOpenProject(folder, 'relink', (open) => runJob(open, 'relink', input, context));
      return { json: report, text: describeReport(report) };
    }),
  );
}

/** Where something was: taken as it is where it is a path of another system. */
function parseOldPlace(text: string): string {
  return isOfOtherSystem(text) ? text : parsePath(text);
}

function describeReport({ relinked, left, unmoved }: RelinkReport): string {
  const counts = [
    `${relinked.length} ${relinked.length === 1 ? 'source' : 'sources'} found`,
    `${left.length} not`,
    ...(unmoved > 0 ? [`${unmoved} at ${unmoved === 1 ? 'its' : 'their'} old place still`] : []),
  ];
  return [
    ...relinked.map(({ from, to }) => (from === to ? `${from} is what it was\n` : `${from} is now ${to}\n`)),
    ...left.map(({ path, why }) => `left as it is: ${path} (${why})\n`),
    `${counts.join(', ')}\n`,
  ].join('');
}
