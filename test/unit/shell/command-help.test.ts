import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addCommand } from '../../../src-main/shell/command-line/options';

test('descriptions are broken to the terminal, lists keep their lines', () => {
  const text = 'Computes what\nthere is:\n  first   one\n  second  two\nand then\nthe rest';
  const command = addCommand(new Command(), 'compute', 'compute', text);
  expect(command.description()).toBe('Computes what there is:\n  first   one\n  second  two\nand then the rest');
});

test('a long line of a list goes on below what it says of the term', () => {
  const long = `  --term     ${'words '.repeat(20).trim()}`;
  const lines = addCommand(new Command(), 'compute', 'compute', `There is:\n${long}`).description().split('\n');
  expect(lines).toHaveLength(3);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(lines[2]).toMatch(/^ {13}words/);
});
