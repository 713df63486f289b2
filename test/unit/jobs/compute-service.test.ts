import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ComputeService } from '../../../src-main/jobs/compute-service';
import type { TaskInput } from '../../../src-preload/shared/contract/compute-tasks';
import { CancelledError, UserError } from '../../../src-preload/shared/domain/errors';

/** A process that answers with its number and how often it was asked; "fail" and "die" do so. */
const entry = join(mkdtempSync(join(tmpdir(), 'syncact-service-')), 'entry.mjs');
writeFileSync(
  entry,
  `let asked = 0;
  process.on('disconnect', () => process.exit());
  process.on('message', ({ input, stay }) => {
    asked++;
    if (input.file === 'die') process.exit(3);
    if (input.file === 'fail') return process.send({ type: 'failed', error: { kind: 'user', details: { what: 'no' } } });
    setTimeout(() => process.send({ type: 'done', result: { process: process.pid, asked, stay } }), 20);
  });`,
);

let service: ComputeService;
afterEach(() => service.close());
const ask = (file: string, signal?: AbortSignal) =>
  service.ask('nifti-info', { file, verifyData: false } as TaskInput<'nifti-info'>, signal) as unknown as Promise<{
    process: number;
    asked: number;
    stay: boolean;
  }>;

test('one process answers question after question', async () => {
  service = new ComputeService({ entry });
  const answers = await Promise.all([ask('a'), ask('b'), ask('c')]);
  expect(answers.map(({ asked }) => asked)).toEqual([1, 2, 3]);
  expect(new Set(answers.map((answer) => answer.process)).size).toBe(1);
  expect(answers[0]!.stay).toBe(true);
});

test('an error is one answer; a death is told, and another process takes over', async () => {
  service = new ComputeService({ entry });
  const first = await ask('a');
  await expect(ask('fail')).rejects.toBeInstanceOf(UserError);
  await expect(ask('die')).rejects.toThrow(/ended with exit code 3/);
  const after = await ask('a');
  expect(after.process).not.toBe(first.process);
  expect(after.asked).toBe(1);
});

test('questions whose asker has gone are passed over', async () => {
  service = new ComputeService({ entry });
  const gone = new AbortController();
  const [first, second] = [ask('a'), ask('b', gone.signal)];
  gone.abort();
  await expect(second).rejects.toBeInstanceOf(CancelledError);
  await first;
  expect((await ask('c')).asked).toBe(2);
});

test('an idle process is ended', async () => {
  service = new ComputeService({ entry, idleMilliseconds: 30 });
  const first = await ask('a');
  await expect.poll(() => isAlive(first.process), { timeout: 5000 }).toBe(false);
  expect((await ask('a')).process).not.toBe(first.process);
});

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}
