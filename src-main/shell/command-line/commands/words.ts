import type { Command } from 'commander';
import { withProjectReadOnly } from '../../../api/application';
import { importWordList, readWordList, wordListText } from '../../../api/semantics/word-lists';
import { writeContentAtomically } from '../../../files/atomic-write';
import { addCommand, parsePath } from '../options';
import { runCommand } from '../run-command';
import { withOpenProject } from '../run-job';

interface WordOptions {
  json?: boolean;
  read?: string;
  write?: string;
  all?: boolean;
}

export function addWordCommands(program: Command): void {
  addCommand(
    program,
    'words <dir>',
    'kinds of words: read and write lists',
    'Terms are functional, anatomical, clinical, method or blocked words; blocked ones are in no ranking. --read takes a table of word and\n' +
      'kind, or one word a line, all of which are blocked. --write gives the words whose kind somebody said, with --all every word, as a\n' +
      'table that --read takes back. Without either the list is printed.',
  )
    .option('--read <file>', 'take over the kinds of a list', parsePath)
    .option('--write <file>', 'write the list, a table with tabs', parsePath)
    .option('--all', 'every word with the kind it counts as')
    .action((folder: string, { json, read, write, all = false }: WordOptions) =>
      runCommand(json ?? false, async () => {
        if (read !== undefined) {
          const words = await readWordList(read);
          await withOpenProject(folder, 'words', ({ project }) => Promise.resolve(importWordList(project, words)));
        }
        const text = await withProjectReadOnly(folder, (project) => wordListText(project, all));
        if (write !== undefined) await writeContentAtomically(write, text);
        const words = text.trimEnd().split('\n').length - 1;
        const written = write === undefined ? text : `${words} words in ${write}\n`;
        return { json: { words, read: read ?? null, written: write ?? null }, text: written };
      }),
    );
}
