import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderAccess } from '../../../src-main/api/path-access';
import { Workstation } from '../../../src-main/api/workstation';
import type { JobView } from '../../../src-preload/shared/contract/views';
import { FBNS, makeSmallCoupling } from './small-coupling';

let root: string;
let workstation: Workstation;

beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'syncact-export-')));
  const { folder } = makeSmallCoupling(root);
  const paths = new FolderAccess([root], 'choose another');
  workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(root, 'recent.json'), paths });
  await workstation.answer('app.open', { folder });
});
afterEach(() => workstation.close());

/** Starts an export and waits for its end. */
async function write(input: object): Promise<JobView> {
  const started = await workstation.answer('jobs.start', { type: 'export', input });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const job = async () => {
    const reply = await workstation.answer('jobs.list', {});
    return (reply.ok ? (reply.data as JobView[]) : []).at(0)!;
  };
  await expect.poll(async () => (await job()).state).toMatch(/done|failed/);
  return job();
}

test('a window writes tables where it may, each with a caption that says the mode and what a star means', async () => {
  const file = join(root, 'tables.tex');
  expect(await write({ as: 'latex', file })).toMatchObject({ type: 'export', state: 'done' });
  const tex = readFileSync(file, 'utf8');
  expect(tex).toMatch(/\\caption\{Mean Pearson r.*A star marks.*Mode: paper\. N = 100 time points/);
  // The published columns hold nothing for this network: they are left out.
  expect(tex).not.toContain('published');
  expect(tex.match(/net & layer4 & run-1 & fbn-to-filter/g)).toHaveLength(FBNS);
});

test('elsewhere it may not, and what fails leaves nothing behind', async () => {
  const outside = join(tmpdir(), 'stolen.tex');
  expect(await workstation.answer('jobs.start', { type: 'export', input: { as: 'latex', file: outside } })).toMatchObject({
    ok: false,
    error: { details: { what: 'this path is not allowed' } },
  });
  // There are no activations in this project.
  const folder = join(root, 'bids');
  expect(await write({ as: 'bids', folder })).toMatchObject({ state: 'failed', error: { kind: expect.any(String) as string } });
  expect(existsSync(outside)).toBe(false);
  expect(readdirSync(root).filter((name) => name.startsWith('bids'))).toEqual([]);
});
