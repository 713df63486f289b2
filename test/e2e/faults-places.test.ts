import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeEnlargingModel } from '../fixtures/enlarging-model';
import { makeSmallCoupling } from '../unit/api/small-coupling';
import { twoPlaces, writeDatabase } from '../unit/semantics/made-up-database';
import { startHost } from './browser/host';
import { runCli, runJson, temporaryFolder } from './cli';
import { canMount } from './disks';
import { copyOf, expectRefused, expectSound, freshPath, isLong, wholeProject, type Whole } from './faults';

/**
 * Projects in places that are full or may only be read, damaged, locked, moved; faults other than those of bad-input.test.ts: what a person
 * sees, that `check` finds the damage or none, and that what follows works. The table of all faults is in docs/reliability.md.
 * SYNCACT_FAULT_KILLS: above 1 there are more faults than CI has time for.
 */
let folder: string;
let whole: Whole;
let terms: string;

beforeAll(async () => {
  folder = temporaryFolder();
  terms = join(folder, 'terms');
  mkdirSync(terms);
  await writeDatabase(terms, twoPlaces());
  whole = await wholeProject();
}, 120_000);

/** Writes over a byte of a file. */
function flipBit(file: string, from: number): void {
  const bytes = readFileSync(file);
  const place = Math.floor(bytes.length * from);
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.of(bytes[place]! ^ 0x10), 0, 1, place);
  closeSync(handle);
}

describe.skipIf(!canMount)('disks', () => {
  let disk: string;
  afterEach(() => execFileSync('umount', [disk]));

  function mount(size: string): void {
    disk = freshPath(folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
  }

  test('a disk that is full at every kind of write: said so, sound, and the same command works once there is space', async () => {
    mount('40m');
    const project = copyOf(whole.project, disk);
    const filler = join(disk, 'filler');
    const fill = () => {
      const handle = openSync(filler, 'w');
      for (const size of [1 << 20, 1 << 16, 4096])
        try {
          for (;;) writeSync(handle, Buffer.alloc(size, 1));
        } catch {
          // Full, as wanted.
        }
      closeSync(handle);
    };
    const writes = [
      ['train', project, '--fbns', '4', '--epochs', '3', '--batch', '2', '--seed', '5'],
      ['couple', project, '--mode', 'corrected'],
      ['import-terms', project, '--neurosynth', terms],
    ];
    if (isLong)
      writes.push(
        ['extract', project, '--model', 'small', '--layers', 'all', '--before-activation'],
        ['export', project, '--bids', join(disk, 'bids')],
      );
    for (const args of writes) {
      fill();
      await expectRefused(args, /the disk is full|the disk does not/);
      await expectSound(project, `a full disk during ${args[0]}`);
      rmSync(filler);
      const { code, stderr } = await runCli(...args);
      expect(code, `${args[0]} once there is space: ${stderr}`).toBe(0);
    }
    await expectSound(project, 'all of it');
  }, 120_000);

  test('a project on a disk that may only be read can be looked at, checked and exported, and says so otherwise', async () => {
    mount('40m');
    const project = copyOf(whole.project, disk);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    expect(await runJson('info', project)).toMatchObject({ couplings: 2 });
    await expectSound(project, 'a mount for reading only');
    await runJson('report', project, '--table', '1');
    await runJson('export', project, '--npz', join(folder, 'from-read-only.npz'));
    await expectRefused(['couple', project, '--mode', 'corrected'], /may only be read/);
  }, 60_000);
});

describe('damage', () => {
  test.each<[string, (database: string) => void]>([
    ['overwritten', (database) => writeFileSync(database, Buffer.alloc(200_000, 'x'))],
    ['cut short', (database) => truncateSync(database, 20_000)],
    ['gone', (database) => rmSync(database)],
  ])(
    'a database that is %s is found, and a backup of it put back',
    async (_how, breakIt) => {
      const project = copyOf(whole.project, folder);
      breakIt(join(project, 'project.sqlite'));
      const check = await runCli('check', project);
      expect(check.code).toBe(2);
      expect(check.stdout + check.stderr).toMatch(/damaged|another version/);
      const restored = await runJson<{ kept: string }>('restore', project);
      expect(existsSync(restored.kept)).toBe(true);
      await expectSound(project, 'putting back a backup');
    },
    60_000,
  );

  test('flipped bits in files of the project are found by name', async () => {
    const project = copyOf(whole.project, folder);
    const inside = (part: string, ending: string) => {
      const name = readdirSync(join(project, part), { recursive: true, encoding: 'utf8' }).find((one) => one.endsWith(ending))!;
      return join(part, name);
    };
    const broken = [
      inside('runs', '.run'),
      inside('frames', '.frames'),
      inside('checkpoints', 'best.safetensors'),
      inside('maps', '.nii.gz'),
      inside('masks', '.nii.gz'),
    ];
    for (const file of broken) flipBit(join(project, file), 0.7);
    const { problems } = JSON.parse((await runCli('check', project, '--json')).stdout) as { problems: string[] };
    for (const file of broken) expect(problems.join('\n')).toContain(`${file}: the content does not match its hash`);
    expect(problems).toHaveLength(broken.length);
  }, 60_000);

  test('damaged activations are a cache: said so, and made again', async () => {
    const project = copyOf(whole.project, folder);
    const cache = join(project, 'activations.sqlite');
    writeFileSync(cache, Buffer.alloc(100_000, 'x'));
    await expectRefused(['couple', project], /the database is damaged.*delete it: all in it is computed again/);
    for (const ending of ['', '-wal', '-shm']) rmSync(cache + ending, { force: true });
    await runJson('train', project, '--fbns', '4', '--epochs', '3', '--batch', '2');
    await runJson('extract', project, '--model', 'small');
    await runJson('couple', project);
    await expectSound(project, 'making the cache again');
  }, 60_000);

  test.skipIf(!isLong)('a log that is gone leaves the database as it was written last', async () => {
    const project = copyOf(whole.project, folder);
    for (const ending of ['-wal', '-shm']) rmSync(join(project, `project.sqlite${ending}`), { force: true });
    await expectSound(project, 'the loss of the log');
    expect(await runJson('info', project)).toMatchObject({ couplings: 2 });
  });

  test.skipIf(!isLong)(
    'a database that another program has locked is said to be',
    async () => {
      const project = copyOf(whole.project, folder);
      const script = `
      const Sqlite = require('better-sqlite3');
      const database = new Sqlite(${JSON.stringify(join(project, 'project.sqlite'))});
      database.exec('BEGIN EXCLUSIVE'); console.log('locked'); setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ['-e', script], { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      try {
        await expectRefused(['random-model', project, '--arch', 'alexnet'], /in use by another program|has locked the database/);
      } finally {
        child.kill('SIGKILL');
      }
      await expectSound(project, 'the lock');
    },
    60_000,
  );
});

test.skipIf(!isLong)(
  'sources that are changed, moved or gone between stages are named; what was made of them stays',
  async () => {
    const place = join(folder, 'sources');
    mkdirSync(place);
    const model = join(place, 'small.onnx');
    cpSync(whole.data.model, model);
    const project = join(place, 'p.syncact');
    await runJson('init', project);
    await runJson('import-movie', project, '--run', 'task-clip', '--frames', whole.data.frames, '--tr', '1');
    await runJson('import-model', project, model);
    await runJson('extract', project, '--model', 'small');
    renameSync(model, `${model}.away`);
    expect(JSON.parse((await runCli('check', project, '--json')).stdout)).toMatchObject({
      problems: [],
      sources: [{ path: model, state: 'missing' }],
    });
    await expectRefused(['extract', project, '--model', 'small', '--layers', 'all'], /small\.onnx/);
    writeFileSync(model, Buffer.concat([readFileSync(`${model}.away`), Buffer.alloc(8)]));
    await expectRefused(['extract', project, '--model', 'small', '--layers', 'all'], /small\.onnx/);
    renameSync(`${model}.away`, model);
    if (isLong) await runJson('extract', project, '--model', 'small', '--layers', 'all');
    await expectSound(project, 'the changes');
  },
  60_000,
);

test.skipIf(!isLong)(
  'a project moved to another place opens there',
  async () => {
    const project = copyOf(whole.project, folder);
    const moved = join(folder, 'elsewhere', 'moved.syncact');
    mkdirSync(join(folder, 'elsewhere'));
    renameSync(project, moved);
    chmodSync(moved, 0o755);
    await runJson('couple', moved, '--mode', 'corrected');
    await expectSound(moved, 'the move');
    expect(statSync(moved).isDirectory()).toBe(true);
  },
  60_000,
);

test.skipIf(!isLong)('a second host on the same project is told who has it', async () => {
  const small = makeSmallCoupling(folder);
  const host = await startHost(small.folder);
  try {
    await expectRefused(['web', small.folder], /already open.*syncact web/);
    await expectRefused(['restore', small.folder], /no backup|already open/);
  } finally {
    await host.stop();
  }
});

test.skipIf(!isLong)(
  'ONNX Runtime that finds no memory for a layer is said to have, and the project is sound',
  async () => {
    const project = copyOf(whole.project, folder);
    const file = join(folder, 'enlarging.onnx');
    writeEnlargingModel(file);
    await runJson('import-model', project, file);
    await expectRefused(
      ['extract', project, '--model', 'enlarging', '--device', 'cpu'],
      /^syncact: the memory did not suffice for "extract" \(found [^\n]*Failed to allocate memory[^\n]*\): choose a smaller batch \(--batch\).* \[out-of-memory\]$/m,
    );
    await expectSound(project, 'the want of memory');
  },
  60_000,
);
