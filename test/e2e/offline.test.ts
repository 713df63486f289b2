import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './cli';
import { makeSmallData } from './small-data';

const cli = join(import.meta.dirname, '../../out/main/cli.js');
/** A network of one's own without a route, and not even the loopback interface up. */
const alone = (command: readonly string[]) =>
  spawnSync('unshare', ['--net', '--map-root-user', ...command], { encoding: 'utf8', timeout: 120_000 });
const canBeAlone = process.platform === 'linux' && alone(['true']).status === 0;

test.skipIf(!canBeAlone)(
  'the method from import to tables runs where there is no network at all',
  async () => {
    const folder = temporaryFolder();
    const data = await makeSmallData(folder, 3);
    const project = join(folder, 'p.syncact');
    // What a network of one's own is: nothing can be reached, the machine itself included.
    const reach = `fetch('http://127.0.0.1:8080').catch((caught) => console.log(caught.cause.code))`;
    expect(alone([process.execPath, '-e', reach]).stdout.trim()).toBe('ENETUNREACH');
    const run = (...args: string[]) => {
      const { status, stderr, stdout } = alone([process.execPath, cli, ...args]);
      expect({ args, status, stderr }).toMatchObject({ status: 0 });
      return stdout;
    };
    run('init', project);
    run('import-fmri', project, '--bids', data.bids, '--mask', data.mask);
    run('import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
    run('import-model', project, data.model);
    run('train', project, '--fbns', '4', '--epochs', '3', '--batch', '2');
    run('extract', project, '--model', 'small');
    run('couple', project, '--mode', 'corrected');
    expect(JSON.parse(run('report', project, '--table', '1', '--json'))).toMatchObject({ rows: [expect.anything()] });
    const figure = join(folder, 'pairs.svg');
    run('figure', project, '--kind', 'pairs', '--out', figure);
    expect(existsSync(figure) && readFileSync(figure, 'utf8').startsWith('<?xml')).toBe(true);
  },
  120_000,
);
