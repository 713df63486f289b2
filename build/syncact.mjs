#!/usr/bin/env node
// The command `syncact`: runs the built command line with the pinned Node 24, whatever Node started this file.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'out/main/cli.js');

if (!existsSync(entry)) {
  console.error('syncact: building the program (once) …');
  const built = spawnSync('npm', ['run', 'build'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (built.status !== 0) process.exit(1);
}
const child = spawn(pinnedNode(), ['--enable-source-maps', entry, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the whole process group; a signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) =>
  process.exit(signal ? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1) : (code ?? 1)),
);
