import { lstatSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generateLargeProject } from './large-project';

/** `vite-node test/bench/make-large-project.ts DIR`: makes a large project in DIR, which must be new or empty. */
const [folder] = process.argv.slice(2);
// `npm run bench` imports every file of this folder: without a project's name there is nothing to do.
if (folder?.endsWith('.syncact')) await make(folder);
else console.error('make-large-project: name the project to make, NAME.syncact');

async function make(project: string): Promise<void> {
  const started = performance.now();
  await generateLargeProject(project);
  const seconds = (performance.now() - started) / 1000;
  const bytes = bytesOnDisk(resolve(project)) + bytesOnDisk(join(dirname(resolve(project)), 'sources'));
  console.log(`${project}: ${seconds.toFixed(1)} s, ${bytes} bytes on disk`);
}

/** What a folder takes on disk: holes do not count, and a file of several names counts once. */
function bytesOnDisk(path: string): number {
  const files = readdirSync(path, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const stats = files.map((entry) => lstatSync(join(entry.parentPath, entry.name)));
  const blocks = new Map(stats.map((one) => [one.ino, one.blocks]));
  return blocks.values().reduce((sum, count) => sum + count * 512, 0);
}
