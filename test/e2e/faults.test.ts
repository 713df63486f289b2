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
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeSmallCoupling } from '../unit/api/small-coupling';
import { twoPlaces, writeDatabase } from '../unit/semantics/made-up-database';
import { startHost, type RunningHost } from './browser/host';
import { killGroup, runCli, runJson, startCli, temporaryFolder } from './cli';
import { canMount } from './disks';
import { makeSmallData, type SmallData } from './small-data';

/**
 * Faults other than those of kill-and-resume.test.ts and bad-input.test.ts: what a person sees, that nothing saved is lost, that `check`
 * finds the damage or none, and that what follows works. The table of all of them is in docs/reliability.md.
 * SYNCACT_FAULT_KILLS: how often each kind of job is killed; more than once, there are more kinds and more faults. Once in CI, which
 * has to stay short.
 */
const KILLS = Number(process.env.SYNCACT_FAULT_KILLS ?? 1);
const isLong = KILLS > 1;
let folder: string;
let data: SmallData;
let terms: string;
let concepts: string;
/** A project with everything up to a coupling; tests work on copies. */
let whole: string;

beforeAll(async () => {
  folder = temporaryFolder();
  data = await makeSmallData(folder, 3);
  terms = join(folder, 'terms');
  mkdirSync(terms);
  await writeDatabase(terms, twoPlaces());
  concepts = await makeConcepts(join(folder, 'concepts'));
  whole = join(folder, 'whole.syncact');
  await runJson('init', whole);
  await runJson('import-fmri', whole, '--bids', data.bids, '--mask', data.mask);
  await runJson('import-movie', whole, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
  await runJson('import-model', whole, data.model);
  await runJson('train', whole, '--fbns', '4', '--epochs', '3', '--batch', '2');
  await runJson('extract', whole, '--model', 'small');
  await runJson('couple', whole);
}, 120_000);

/** Pictures with masks of one concept. */
async function makeConcepts(place: string): Promise<string> {
  mkdirSync(join(place, 'masks', 'left'), { recursive: true });
  mkdirSync(join(place, 'images'));
  for (let i = 0; i < 12; i++) {
    const picture = (red: number) => ({
      create: { width: 48, height: 48, channels: 3 as const, background: { r: red, g: 20 * i, b: 9 } },
    });
    await sharp(picture(15 * i))
      .jpeg()
      .toFile(join(place, 'images', `p${i}.jpg`));
    await sharp(picture(i % 2 ? 255 : 0))
      .greyscale()
      .png()
      .toFile(join(place, 'masks', 'left', `p${i}.png`));
  }
  return place;
}

let copies = 0;
/** The whole project once more, for one test to break. */
function copyOfWhole(into = folder): string {
  const copy = join(into, `copy-${copies++}.syncact`);
  cpSync(whole, copy, { recursive: true });
  return copy;
}

async function expectSound(project: string, after: string): Promise<void> {
  const { code, stdout, stderr } = await runCli('check', project);
  expect(code, `check after ${after}: ${stdout}${stderr}`).toBe(0);
}

/** A command that must end with one line and code 2. */
async function expectRefused(args: string[], message: RegExp): Promise<void> {
  const { code, stderr } = await runCli(...args);
  expect({ args, code, stderr }).toMatchObject({ code: 2 });
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('syncact: ')),
  ).toHaveLength(1);
  expect(stderr).toMatch(message);
}

async function expectDone(args: string[]): Promise<void> {
  const { code, stderr } = await runCli(...args);
  expect(code, `${args[0]}: ${stderr}`).toBe(0);
}

/**
 * Kills a job again and again at any moment of the time that it takes. Where it was done before the kill, the project is put back to what
 * it was: a job that finds its work done has nothing to be killed at.
 * @param took milliseconds of the whole job
 * @returns how often it was killed
 */
async function killAtRandom(project: string, job: (place: string) => string[], took: number): Promise<number> {
  const before = `${project}.before`;
  cpSync(project, before, { recursive: true });
  let kills = 0;
  for (let attempt = 0; kills < KILLS && attempt < (isLong ? 2 * KILLS : 1); attempt++) {
    const { child, result } = startCli(job(project));
    const timer = setTimeout(() => killGroup(child), took * (0.15 + 0.9 * Math.random()));
    const { signal } = await result;
    clearTimeout(timer);
    if (signal === 'SIGKILL') {
      kills++;
      await expectSound(project, `killing ${job('')[0]}`);
    } else {
      rmSync(project, { recursive: true });
      cpSync(before, project, { recursive: true });
    }
  }
  rmSync(before, { recursive: true });
  return kills;
}

/** Writes over a byte of a file. */
function flipBit(file: string, from: number): void {
  const bytes = readFileSync(file);
  const place = Math.floor(bytes.length * from);
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.of(bytes[place]! ^ 0x10), 0, 1, place);
  closeSync(handle);
}

test(
  'jobs killed at random moments leave a sound project, and end the second time with the same numbers',
  async () => {
    const project = copyOfWhole();
    const reference = copyOfWhole();
    const out = (name: string) => join(folder, `${name}-${copies++}`);
    const jobs: ((place: string) => string[])[] = [
      (place) => ['couple', place, '--mode', 'corrected', '--null', 'phase', '--samples', '499'],
      (place) => ['import-terms', place, '--neurosynth', terms],
      (place) => ['decode', place, '--null', 'spatial', '--permutations', '199'],
      (place) => ['dissect', place, concepts, '--model', 'small', '--layer', 'relu2'],
      (place) => ['export', place, '--bids', out('bids'), '--npz', out('arrays.npz')],
    ];
    if (isLong)
      jobs.push(
        (place) => ['couple', place, '--mode', 'corrected', '--without', 'luminance'],
        (place) => ['analyse', place],
        (place) => ['compare', place],
        (place) => ['images', place, data.frames, '--model', 'small', '--layer', 'relu2'],
      );
    const kills: Record<string, number> = {};
    for (const job of jobs) {
      const name = job('')[0]!;
      const start = performance.now();
      await expectDone(job(reference));
      const took = performance.now() - start;
      kills[name] = (kills[name] ?? 0) + (await killAtRandom(project, job, took));
      await expectDone(job(project));
    }
    if (isLong) console.log('kills', kills);
    expect(Math.min(...Object.values(kills))).toBeGreaterThan(isLong ? 0 : -1);
    expect(Math.max(...Object.values(kills))).toBeGreaterThan(0);
    for (const table of ['1', 'pairs']) {
      const [once, again] = await Promise.all([reference, project].map((place) => runJson('report', place, '--table', table)));
      expect(again).toEqual(once);
    }
    expect(readdirSync(project, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.unfinished'))).toEqual(
      [],
    );
  },
  60_000 * (3 + KILLS),
);

describe('curation', () => {
  let host: RunningHost | undefined;
  afterEach(async () => {
    await host?.stop();
    host = undefined;
  });

  /** A window that decides pairs one after another; counts what it was told is saved. */
  async function signIn(running: RunningHost) {
    const { origin } = new URL(running.url);
    const cookie = (await fetch(running.url, { redirect: 'manual' })).headers.get('set-cookie')!.split(';')[0]!;
    return async (route: string, input: object) => {
      const headers = { cookie, origin, 'content-type': 'application/json' };
      const answer = await fetch(`${origin}/api/request`, { method: 'POST', headers, body: JSON.stringify({ route, input }) });
      return (await answer.json()) as { ok: boolean; data: never; error?: { details?: { found?: string } } };
    };
  }

  const decision = (small: { embedding: number; layer: number }, number: number) => ({
    ...{ id: crypto.randomUUID(), author: 'Ana', blind: false, embedding: small.embedding, action: 'edit', suggestion: null },
    pair: { embedding: small.embedding, layer: small.layer, fbn: number % 4, filter: ((number % 4) + 1) % 6 },
    annotation: {
      ...{ status: 'edited', flagged: false, fbn: `decision ${number}`, filter: '', relation: null },
      ...{ evidence: [], tags: [], note: '', confidence: null },
    },
  });

  test('a host killed while pairs are decided has lost none that it said was saved', async () => {
    const place = join(folder, 'curated');
    mkdirSync(place);
    const small = makeSmallCoupling(place);
    let saved = 0;
    for (let round = 0; round < KILLS; round++) {
      host = await startHost(small.folder);
      const ask = await signIn(host);
      const { pid } = host.process;
      setTimeout(() => process.kill(-pid!, 'SIGKILL'), 150 + Math.random() * 400);
      try {
        for (;;) if ((await ask('annotations.decide', decision(small, saved))).ok) saved++;
      } catch {
        // The host is gone.
      }
      // The project was made up: what lies beneath its records was never there.
      const { problems } = JSON.parse((await runCli('check', small.folder, '--json')).stdout) as { problems: string[] };
      expect(problems.filter((problem) => !problem.endsWith('the file is missing'))).toEqual([]);
    }
    host = await startHost(small.folder);
    const state = (await (
      await signIn(host)
    )('annotations.state', { author: 'Ana', blind: false, embedding: small.embedding })) as {
      data: { counter: number };
    };
    // The last one may have been written without its answer having been heard.
    expect(saved).toBeGreaterThan(0);
    expect(state.data.counter - saved).toBeGreaterThanOrEqual(0);
    expect(state.data.counter - saved).toBeLessThanOrEqual(KILLS);
  }, 60_000);

  test.skipIf(!isLong)('a second host on the same project is told who has it', async () => {
    const small = makeSmallCoupling(folder);
    host = await startHost(small.folder);
    await expectRefused(['web', small.folder], /already open.*syncact web/);
    await expectRefused(['restore', small.folder], /no backup|already open/);
  });
});

describe.skipIf(!canMount)('disks', () => {
  let disk: string;
  afterEach(() => execFileSync('umount', [disk]));

  function mount(size: string): void {
    disk = join(folder, `disk-${copies++}`);
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
  }

  test('a disk that is full at every kind of write: said so, sound, and the same command works once there is space', async () => {
    mount('40m');
    const project = copyOfWhole(disk);
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
    const project = copyOfWhole(disk);
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
      const project = copyOfWhole();
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
    const project = copyOfWhole();
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
    const project = copyOfWhole();
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
    const project = copyOfWhole();
    for (const ending of ['-wal', '-shm']) rmSync(join(project, `project.sqlite${ending}`), { force: true });
    await expectSound(project, 'the loss of the log');
    expect(await runJson('info', project)).toMatchObject({ couplings: 2 });
  });

  test.skipIf(!isLong)(
    'a database that another program has locked is said to be',
    async () => {
      const project = copyOfWhole();
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
    cpSync(data.model, model);
    const project = join(place, 'p.syncact');
    await runJson('init', project);
    await runJson('import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
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
    const project = copyOfWhole();
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
