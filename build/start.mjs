// `npm start [-- DIR]`: the desktop app, with the project DIR if one is named. Where Electron's binary is absent, the browser host
// instead; without DIR on the phantom that `npm run demo` has made, or makes it before your eyes.
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronBinary, startCommand } from './start-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binary = electronBinary(root, process.env);
const { note, command, args } = startCommand({ root, node: process.execPath, binary, folder: process.argv[2] });
if (note) console.error(note);
const child = spawn(command, args, { stdio: 'inherit' });
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (caught) => {
  console.error(`${command} cannot be started: ${caught.message}`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 1));
