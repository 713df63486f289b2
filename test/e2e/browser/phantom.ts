import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runJson, temporaryFolder } from '../cli';

/** A phantom made by the command line: its raw data, and the project that came of them. */
export interface MadePhantom {
  folder: string;
  bids: string;
  movies: string[];
  model: string;
  project: string;
}

let made: Promise<MadePhantom> | undefined;

/** The phantom, small, but as real as the large one: made once for all files of a test run. Its project is for copies only. */
export function makePhantom(): Promise<MadePhantom> {
  made ??= (async () => {
    const folder = await sharedDemo();
    const data = join(folder, 'data');
    const movies = [1, 2].map((run) => join(data, 'movies', `run-${run}.mp4`));
    if (!movies.every((movie) => existsSync(movie))) throw new Error('the phantom has other movies than the tests expect');
    return {
      folder,
      movies,
      bids: join(data, 'bids'),
      model: join(data, 'phantom-cnn.onnx'),
      project: join(folder, 'phantom.syncact'),
    };
  })();
  return made;
}

/** The first test file to ask makes it, the others wait for it: the temporary folder is this test run's own. */
async function sharedDemo(): Promise<string> {
  const shared = join(tmpdir(), 'shared-phantom');
  const folder = join(shared, 'demo');
  const outcome = join(shared, 'outcome');
  try {
    mkdirSync(shared);
  } catch {
    while (!existsSync(outcome)) await setTimeout(200);
    const failure = readFileSync(outcome, 'utf8');
    if (failure !== '') throw new Error(failure);
    return folder;
  }
  const failure = await runJson('demo', folder, '--subjects', '5', '--epochs', '3', '--fbns', '32').then(() => '', String);
  writeFileSync(`${outcome}.part`, failure);
  renameSync(`${outcome}.part`, outcome);
  if (failure !== '') throw new Error(failure);
  return folder;
}

/** A copy of the phantom's project, or of a copy: a test may change it. */
export async function copyOfPhantom(of?: string): Promise<string> {
  const { project } = await makePhantom();
  const copy = join(temporaryFolder(), 'phantom.syncact');
  cpSync(of ?? project, copy, { recursive: true });
  return copy;
}
