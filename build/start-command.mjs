import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Electron's binary, if it is on this machine. */
export function electronBinary(root, env) {
  if (env.ELECTRON_EXEC_PATH) return env.ELECTRON_EXEC_PATH;
  const electron = join(root, 'node_modules/electron');
  const pathFile = join(electron, 'path.txt');
  const binary = existsSync(pathFile) && join(electron, 'dist', readFileSync(pathFile, 'utf8').trim());
  return binary && existsSync(binary) ? binary : undefined;
}

/** What `npm start` starts: the desktop window, else the browser host on the project named, else on the phantom. */
export function startCommand({ root, node, binary, folder }) {
  if (binary) return { command: binary, args: folder ? [root, folder] : [root] };
  const what = folder ? [folder] : ['--phantom'];
  return {
    note: "Electron's binary is not on this machine (`npx install-electron` fetches it where the network allows): opening the browser host.",
    command: node,
    args: [join(root, 'build/syncact.mjs'), 'web', ...what, '--open'],
  };
}
