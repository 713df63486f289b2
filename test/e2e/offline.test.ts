import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canRunAlone, reachAlone, runAlone } from './alone';
import { temporaryFolder } from './cli';
import { makeSmallData } from './small-data';

const cli = join(import.meta.dirname, '../../out/main/cli.js');
test.skipIf(!canRunAlone())(
  'the method from import to tables runs where there is no network at all',
  async () => {
    const folder = temporaryFolder();
    const data = await makeSmallData(folder, 3);
    const project = join(folder, 'p.syncact');
    expect(reachAlone()).toBe('ENETUNREACH');
    const run = (...args: string[]) => {
      const { status, stderr, stdout } = runAlone([process.execPath, cli, ...args]);
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
