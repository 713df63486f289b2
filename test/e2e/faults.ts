import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { writeContentAtomically } from '../../src-main/files/atomic-write';
import { runCli, runJson } from './cli';
import { importSmallData, makeSmallData, type SmallData } from './small-data';

/** How often each kind of job is killed. */
export const KILLS = Number(process.env.SYNCACT_FAULT_KILLS ?? 1);
/** More kinds of jobs and faults than CI has time for. */
export const isLong = KILLS > 1;

/** A project with everything up to a coupling, and what it was made of. */
export interface Whole {
  project: string;
  data: SmallData;
}

/** The whole project of all test files of this run: the first that asks makes it, the others wait. */
export async function wholeProject(): Promise<Whole> {
  const place = join(tmpdir(), 'whole');
  const [made, failed] = [join(place, 'made.json'), join(place, 'failed')];
  try {
    mkdirSync(place);
  } catch {
    while (!existsSync(made)) {
      if (existsSync(failed)) throw new Error('another test file could not make the whole project: see there');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return JSON.parse(readFileSync(made, 'utf8')) as Whole;
  }
  try {
    const whole = await makeWhole(place);
    await writeContentAtomically(made, JSON.stringify(whole));
    return whole;
  } catch (caught) {
    writeFileSync(failed, '');
    throw caught;
  }
}

async function makeWhole(place: string): Promise<Whole> {
  const data = await makeSmallData(place, 3);
  const project = join(place, 'whole.syncact');
  await importSmallData(project, data);
  await runJson('train', project, '--fbns', '4', '--epochs', '3', '--batch', '2');
  await runJson('extract', project, '--model', 'small');
  await runJson('couple', project);
  return { project, data };
}

let copies = 0;
/** A path in a folder that was not used before. */
export function freshPath(folder: string, name: string): string {
  return join(folder, `${copies++}-${name}`);
}

/** The whole project once more, for one test to break. */
export function copyOf(project: string, into: string): string {
  const copy = freshPath(into, 'copy.syncact');
  cpSync(project, copy, { recursive: true });
  return copy;
}

export async function expectSound(project: string, after: string): Promise<void> {
  const { code, stdout, stderr } = await runCli('check', project);
  expect(code, `check after ${after}: ${stdout}${stderr}`).toBe(0);
}

/** A command that must end with one line and code 2. */
export async function expectRefused(args: string[], message: RegExp): Promise<void> {
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
