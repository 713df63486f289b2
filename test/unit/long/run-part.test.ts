import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasPassed, resultsTable, type Results } from '../../long/results';
import { runPart, type Part } from '../../long/run-part';

const folder = mkdtempSync(join(tmpdir(), 'syncact-parts-'));
const signal = new AbortController().signal;
const part = (name: string, command: string): Part => ({ name, command, minutes: 1, figures: /^figures/, gaps: /NOT CHECKED/ });
const run = (name: string, command: string, options: Partial<Parameters<typeof runPart>[1]> = {}) =>
  runPart(part(name, command), { log: join(folder, `${name}.log`), signal, graceMilliseconds: 200, ...options });

test('a part has passed only where it ends well, tried all, and says what came of it', async () => {
  const all = await Promise.all([
    run('good', 'echo figures 3; pwd'),
    run('bad', 'echo figures 3; echo no such thing >&2; exit 3'),
    run('silent', 'echo done'),
    run('impossible', 'echo it was NOT RUN: no rights; exit 77'),
    run('partly', 'echo the profile was NOT CHECKED; echo figures 3'),
  ]);
  expect(all.map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['good', 'passed', undefined],
    ['bad', 'failed', expect.stringContaining('ended with 3: ')],
    ['silent', 'failed', 'it wrote no line that matches ^figures'],
    ['impossible', 'not run', 'it was NOT RUN: no rights'],
    ['partly', 'not run', 'in part: the profile was NOT CHECKED'],
  ]);
  expect(readFileSync(all[1].log, 'utf8')).toContain('no such thing');
  const results: Results = Object.fromEntries(all.map((one) => [one.name, { ...one, program: 'p', command: 'c' }]));
  const table = resultsTable([...all.map(({ name }) => part(name, 'c')), part('last', 'c')], results);
  expect(table).toMatch(/good +passed .*figures 3\n.*bad +FAILED .*\n.*\nimpossible +DID NOT RUN/);
  expect(table).toMatch(/last +DID NOT RUN +– +its turn did not come/);
  expect([part('good', 'c'), part('good', 'other'), part('bad', 'c')].map((one) => hasPassed(results, one, 'p'))).toEqual([
    true,
    false,
    false,
  ]);
  expect([hasPassed(results, part('good', 'c'), 'other'), hasPassed(results, part('good', 'c'), undefined)]).toEqual([
    false,
    false,
  ]);
});

/** Whether a process runs whose id a part wrote; one that has ended and that nobody has asked about has no command any more. */
function isAlive(log: string): boolean {
  const id = Number(/^id (\d+)$/m.exec(readFileSync(log, 'utf8'))![1]);
  return existsSync(`/proc/${id}/cmdline`) && readFileSync(`/proc/${id}/cmdline`, 'utf8') !== '';
}

test.skipIf(process.platform !== 'linux')('what outlives a part, in another group, fails it and is ended', async () => {
  const result = await run('leaving', 'setsid sleep 60 & echo id $!; echo figures');
  expect(result).toMatchObject({ state: 'failed', reason: 'processes that outlived it: 1' });
  await expect.poll(() => isAlive(result.log)).toBe(false);
});

test.skipIf(process.platform !== 'linux')('a part that is cancelled ends with all that it started', async () => {
  const canceller = new AbortController();
  const result = await run('cancelled', 'setsid sleep 60 & echo id $!; sleep 60', {
    signal: canceller.signal,
    onLine: () => canceller.abort(),
  });
  expect(result.state).toBe('cancelled');
  await expect.poll(() => isAlive(result.log)).toBe(false);
});
