import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSmallData } from '../e2e/small-data';

/**
 * Runs the staged program (`npm run pack`) with the Node inside it, away from the repository: database, compute processes, pictures,
 * video. `vite-node test/package/smoke.ts [FOLDER]` runs one that lies elsewhere.
 */
const staged = resolve(process.argv[2] ?? join(import.meta.dirname, '../../dist/app'));
const platform = process.platform === 'win32' ? 'win' : process.platform;
const inside = join(staged, 'node_modules', `node-${platform}-${process.arch}`, 'bin', platform === 'win' ? 'node.exe' : 'node');
// Of macOS there is no such package (build/pinned-node.mjs): any Node will do.
if (!existsSync(inside) && platform !== 'darwin') throw new Error(`the staged program has no Node in it: ${inside}`);
const node = existsSync(inside) ? inside : process.execPath;
const folder = mkdtempSync(join(tmpdir(), 'syncact-packed-'));
const data = await makeSmallData(folder, 3);
const project = join(folder, 'p.syncact');

function run(...args: string[]): Record<string, unknown> {
  const environment = { PATH: process.env.PATH, HOME: folder, SYNCACT_STATE_FOLDER: join(folder, 'state') };
  const text = execFileSync(node, [join(staged, 'out/main/cli.js'), ...args, '--json'], { cwd: folder, env: environment });
  return JSON.parse(text.toString()) as Record<string, unknown>;
}

run('init', project);
run('import-fmri', project, '--bids', data.bids, '--mask', data.mask);
run('import-movie', project, '--run', 'task-clip', '--frames', data.frames, '--tr', '1');
run('import-model', project, data.model);
run('train', project, '--fbns', '4', '--epochs', '2', '--batch', '2');
run('extract', project, '--model', 'small');
run('couple', project);
const at = (name: string) => join(folder, name);
for (const figure of ['pairs.pdf', 'pairs.png']) run('figure', project, '--kind', 'pairs', '--out', at(figure));
run('clip', project, '--out', at('pair.mp4'), '--to', '5');
run('export', project, '--html', at('report.html'), '--pdf', at('report.pdf'));
run('export', project, '--bids', at('derivative'), '--npz', at('arrays.npz'));
run('activations', data.model, at('pair.mp4'), at('features.npz'));
run('train', project, '--fbns', '4', '--epochs', '1', '--batch', '2', '--seed', '1', '--engine', 'tfjs');
const { problems } = run('check', project) as { problems: string[] };
if (problems.length > 0) throw new Error(problems.join('\n'));
const written = ['pairs.pdf', 'pairs.png', 'pair.mp4', 'report.html', 'report.pdf', 'derivative', 'arrays.npz', 'features.npz'];
const needed = [...[...written, 'state/compiled'].map(at), join(staged, 'out/renderer/index.html')];
const missing = needed.filter((file) => !existsSync(file));
if (missing.length > 0) throw new Error(`the staged program lacks or did not write ${missing.join(', ')}`);
console.log(
  `the staged program works with ${node}: import, training on both engines, extraction, coupling, figures, a clip, exports, check`,
);
