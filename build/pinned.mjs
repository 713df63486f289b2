// `node build/pinned.mjs COMMAND…`: runs a shell command with the pinned Node first in the path, whatever Node started npm.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = [dirname(pinnedNode()), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
const command = process.argv.slice(2).join(' ');
// Ctrl-C reaches the command, too: it is waited for.
process.on('SIGINT', () => {});
const { status } = spawnSync(command, { shell: true, stdio: 'inherit', env: { ...process.env, PATH: path } });
process.exit(status ?? 1);
