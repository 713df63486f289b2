import type { Command } from 'commander';
import text from '../../../../docs/errors.md?raw';
import { parseExplanations, withoutLinks } from '../../../../src-preload/shared/domain/error-codes';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { addCommand } from '../options';
import { runCommand } from '../run-command';

export function addExplainCommand(program: Command): void {
  addCommand(
    program,
    'explain [code]',
    'what an error’s code means',
    'Says of a code in [brackets], as errors end with, what it means, its usual causes and what to do; without a code lists all.',
  ).action((code: string | undefined, options: { json?: boolean }) =>
    runCommand(options.json ?? false, async () => {
      const all = parseExplanations(text);
      if (code === undefined) {
        const width = Math.max(...all.map((one) => one.code.length));
        return { json: { errors: all }, text: all.map((one) => `${one.code.padEnd(width)}  ${plain(one.meaning)}\n`).join('') };
      }
      const found = all.find((one) => one.code === code.replace(/^\[|\]$/g, ''));
      if (!found) {
        const expected = 'one of those that `syncact explain` lists';
        throw new UserError({ code: 'not-found', what: `there is no error of the code "${code}"`, expected });
      }
      const { meaning, causes, remedy } = found;
      const lines = [`[${found.code}] ${meaning}`, `Usual causes: ${causes}`, `What to do: ${remedy}`];
      return { json: found, text: lines.map((line) => `${plain(line)}\n`).join('\n') };
    }),
  );
}

/** Without what only Markdown needs: links and emphasis; `code` stays as it is. */
function plain(line: string): string {
  return withoutLinks(line).replace(/\*([^*]+)\*/g, '$1');
}
