// `npm start [DIR]`: the desktop app; where Electron's binary is absent and cannot be fetched, the browser host instead.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.argv[2];
if (!folder) {
  console.error('usage: npm start -- PROJECT.syncact   (make one with `npm run demo`, or `npx syncact init PROJECT.syncact`)');
  process.exit(2);
}

/** Electron's binary, if it is on this machine. */
function electronBinary() {
  if (process.env.ELECTRON_EXEC_PATH) return process.env.ELECTRON_EXEC_PATH;
  const electron = join(root, 'node_modules/electron');
  const pathFile = join(electron, 'path.txt');
  const binary = existsSync(pathFile) && join(electron, 'dist', readFileSync(pathFile, 'utf8'));
  return binary && existsSync(binary) ? binary : undefined;
}

const binary = electronBinary();
if (!binary)
  console.error(
    "Electron's binary is not on this machine (`npx install-electron` fetches it where the network allows): opening the browser host.",
  );
const child = binary
  ? spawn(binary, [root, folder], { stdio: 'inherit' })
  : spawn(process.execPath, [join(root, 'build/syncact.mjs'), 'web', folder], { stdio: 'inherit' });
process.on('SIGINT', () => {});
child.on('exit', (code) => process.exit(code ?? 1));
