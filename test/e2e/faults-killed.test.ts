import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeSmallCoupling } from '../unit/api/small-coupling';
import { twoPlaces, writeDatabase } from '../unit/semantics/made-up-database';
import { startHost, type RunningHost } from './browser/host';
import { killGroup, runCli, runJson, startCli, temporaryFolder } from './cli';
import { copyOf, expectSound, freshPath, isLong, KILLS, wholeProject, type Whole } from './faults';

/**
 * Jobs other than those of kill-and-resume.test.ts, and the host while pairs are decided, killed: nothing saved is lost, `check` finds no
 * damage, and what follows has the same numbers. The table of all faults is in docs/reliability.md.
 * SYNCACT_FAULT_KILLS: how often each kind of job is killed; more than once, there are more kinds. Once in CI, which has to stay short.
 */
let folder: string;
let whole: Whole;
let terms: string;
let concepts: string;

beforeAll(async () => {
  folder = temporaryFolder();
  terms = join(folder, 'terms');
  mkdirSync(terms);
  await writeDatabase(terms, twoPlaces());
  concepts = await makeConcepts(join(folder, 'concepts'));
  whole = await wholeProject();
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

test(
  'jobs killed at random moments leave a sound project, and end the second time with the same numbers',
  async () => {
    const project = copyOf(whole.project, folder);
    const reference = copyOf(whole.project, folder);
    const out = (name: string) => freshPath(folder, name);
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
        (place) => ['images', place, whole.data.frames, '--model', 'small', '--layer', 'relu2'],
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
    if (isLong) console.log(`kills ${JSON.stringify(kills)}`);
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
});
