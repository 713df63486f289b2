// `npm run pack`: stages the program in dist/app with all it needs at run time – Node for its compute processes among it – and the
// licences of all of it; then packs it with electron-builder, where that and Electron's binary can be had, and says what is missing
// where not. The staged program runs with the Node inside it, which test/package/smoke.ts tries.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILDER } from './builder.mjs';
import { collectLicences, isShippedFile, shippedPackages } from './staged-packages.mjs';
import { electronBinary } from './start-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const staged = join(root, 'dist/app');

rmSync(staged, { recursive: true, force: true });
mkdirSync(staged, { recursive: true });
const packages = shippedPackages(root);
const loaded = packages.filter(({ isLoaded }) => isLoaded);
for (const { place, name } of loaded) {
  const isWanted = (source) => {
    const file = source.slice(join(root, place).length).replaceAll('\\', '/');
    // A package inside another comes with it, if it is needed.
    return !file.includes('node_modules') && isShippedFile(name + file);
  };
  cpSync(join(root, place), join(staged, place), { recursive: true, dereference: true, filter: isWanted });
}
cpSync(join(root, 'out'), join(staged, 'out'), { recursive: true });
cpSync(join(root, 'resources'), join(staged, 'resources'), { recursive: true });
const {
  scripts: _scripts,
  devDependencies: _dev,
  allowScripts: _allow,
  bin: _bin,
  ...description
} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(staged, 'package.json'), JSON.stringify(description, null, 2));
writeFileSync(join(staged, 'LICENCES.txt'), collectLicences(root, packages));
console.log(`staged ${loaded.length} packages, the program and LICENCES.txt in ${staged}`);

const binary = electronBinary(root, process.env);
if (binary === undefined || !existsSync(binary) || !statSync(binary).isFile()) {
  console.log(
    'Electron’s binary is not here: no installer is made. Where the network allows it, run `npx install-electron`, then this again.',
  );
  process.exit(0);
}
// The binary that is here is packed, not another one that would have to be fetched.
const dist = join(root, 'node_modules/electron/dist');
const here = binary.startsWith(dist) ? [`-c.electronDist=${dist}`] : [];
const { status, error } = spawnSync(
  process.platform === 'win32' ? 'npx.cmd' : 'npx',
  ['--yes', BUILDER, '--config', join(root, 'build/electron-builder.json'), '--projectDir', root, ...here],
  { stdio: 'inherit', cwd: root },
);
if (error || status !== 0) {
  console.error(`${BUILDER} did not pack the program${error ? ` (${error.message})` : ''}; what is staged can be packed again`);
  process.exit(1);
}
