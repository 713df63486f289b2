import { readFileSync } from 'node:fs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { wordKinds, type WordKind } from '../../../src-preload/shared/domain/words';
import { hideFormula, showFormula } from '../../../src-preload/shared/domain/spreadsheet-text';
import type { Project } from '../../project/project';
import { listVocabularies } from '../../project/queries/vocabularies';
import { listWordKinds, setWordKinds } from '../../project/queries/word-kinds';
import { storeWordRelations } from '../../project/queries/word-relations';
import { lemmaOf } from '../../semantics/cross-annotation';
import { guessKind } from '../../semantics/words/word-kinds';
import { readColumnNames, readTableRows } from '../../semantics/table-rows';

/**
 * Reads a list of words: a table of word and kind (functional, anatomical, clinical, method, blocked), or one word a line, all of
 * which are to be left out (Neurosynth's stop list).
 */
export async function readWordList(file: string): Promise<[word: string, kind: WordKind][]> {
  const columns = await readColumnNames(file);
  if (!columns.includes('word') || !columns.includes('kind')) return readStopList(file, columns);
  const words: [string, WordKind][] = [];
  await readTableRows(file, { required: ['word', 'kind'] }, ({ word, kind, line }) => {
    const known = wordKinds.find((one) => one === kind.trim());
    if (!known) {
      const expected = wordKinds.join(', ');
      throw new UserError({ code: 'file-content', what: `"${kind}" is no kind of words`, file, expected, found: `line ${line}` });
    }
    words.push([showFormula(word.trim()), known]);
  });
  return words;
}

/**
 * Words with their kinds as the table that `readWordList` reads back.
 * @param all every word of every vocabulary with the kind it counts as; else those that somebody said the kind of
 */
export function wordListText({ database }: Project, all: boolean): string {
  const said = listWordKinds(database);
  const kinds = new Map<string, WordKind>();
  if (all)
    for (const { content } of listVocabularies(database)) for (const term of content.terms) kinds.set(term, guessKind(term));
  for (const [word, kind] of said) kinds.set(word, kind);
  const names = [...kinds.keys()].sort(new Intl.Collator('en').compare);
  return `${['word\tkind', ...names.map((word) => `${quoted(hideFormula(word))}\t${kinds.get(word)}`)].join('\n')}\n`;
}

/** As tables hold a word that has quotes in it. */
function quoted(word: string): string {
  return word.includes('"') ? `"${word.replaceAll('"', '""')}"` : word;
}

/** Takes over the kinds of a list. */
export function importWordList({ database }: Project, words: readonly (readonly [word: string, kind: WordKind])[]): void {
  for (const kind of wordKinds) {
    const own = words.filter(([, given]) => given === kind).map(([word]) => word);
    if (own.length > 0) setWordKinds(database, own, kind);
  }
}

function readStopList(file: string, columns: readonly string[]): [string, WordKind][] {
  if (columns.length > 1) {
    throw new UserError({
      code: 'file-kind',
      what: 'this is no list of words',
      file,
      expected: 'columns word and kind, or one word a line',
      found: columns.slice(0, 6).join(', '),
    });
  }
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return [...new Set(lines.map((line) => line.trim()).filter(Boolean))].map((word) => [word, 'blocked']);
}

/** Reads a table of related words (two columns, the first row their names) into the project, in the place of an older one. */
export async function importRelations({ database }: Project, file: string): Promise<number> {
  const [first, second, ...more] = await readColumnNames(file);
  if (first === undefined || second === undefined || more.length > 0) {
    throw new UserError({
      code: 'file-kind',
      what: 'this is no table of related words',
      file,
      expected: 'two columns: a word, and one that is related to it',
      found: `${second === undefined ? 1 : more.length + 2} columns`,
    });
  }
  const pairs: [string, string][] = [];
  await readTableRows(file, { required: [first, second] }, (row) => {
    const cells = row as unknown as Record<string, string>;
    pairs.push([lemmaOf(cells[first]!), lemmaOf(cells[second]!)]);
  });
  storeWordRelations(database, pairs);
  return pairs.length;
}
