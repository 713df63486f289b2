import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
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

/** The phantom of this test file, made once: small, but as real as the large one. */
export function makePhantom(): Promise<MadePhantom> {
  made ??= (async () => {
    const folder = join(temporaryFolder(), 'demo');
    await runJson('demo', folder, '--subjects', '5', '--epochs', '3', '--fbns', '32');
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

/** A copy of the phantom's project: a test may change it. */
export async function copyOfPhantom(): Promise<string> {
  const { project } = await makePhantom();
  const copy = join(temporaryFolder(), 'phantom.syncact');
  cpSync(project, copy, { recursive: true });
  return copy;
}
