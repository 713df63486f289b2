import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILDER } from '../../build/builder.mjs';
import { ALONE, canRunAlone } from '../e2e/alone';
import { notRun } from '../long/not-run';

/**
 * Packs the staged program (`npm run pack`) with electron-builder itself around a binary that is none, which needs no Electron: so
 * build/electron-builder.json is known to be valid, all that the program needs is in what is packed, and the fuses are set in a binary.
 * In the long tests only: electron-builder is fetched from the registry (94 MB) into dist/builder.
 */
const root = join(import.meta.dirname, '../..');
const builder = join(root, 'dist/builder');
/** Where fuses stand in a binary: behind this, a byte for the version, one for their number, and one for each. */
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
/** In the order of the wire; those that the configuration leaves out stay as Electron has them. */
const fuses = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const;
const configuration = JSON.parse(readFileSync(join(root, 'build/electron-builder.json'), 'utf8')) as {
  electronVersion: string;
  electronFuses: Partial<Record<(typeof fuses)[number], boolean>>;
  linux: { executableName: string };
};
const wanted = fuses.map((name) => configuration.electronFuses[name] ?? false);

const what = `the packing by ${BUILDER} was`;
if (process.platform !== 'linux') notRun(what, 'it packs for Linux');
if (!existsSync(join(root, 'dist/app/package.json'))) throw new Error('nothing is staged: run `npm run pack` first');
fetchBuilder();
const folder = mkdtempSync(join(tmpdir(), 'syncact-builder-'));
makeBinary(join(folder, 'electron'));

const misspelt = pack(['-c.assar=false']);
if (misspelt.status === 0 || !/unknown property 'assar'/.test(misspelt.text))
  throw new Error(`a wrong setting was taken: ${misspelt.text}`);
const packed = pack([]);
if (packed.status !== 0) throw new Error(`electron-builder did not pack: ${packed.text}`);
const unpacked = join(folder, 'out/linux-unpacked');
const binary = readFileSync(join(unpacked, configuration.linux.executableName));
const wire = binary.indexOf(SENTINEL) + SENTINEL.length + 2;
const found = [...binary.subarray(wire, wire + fuses.length)].map((byte) => byte === 0x31);
if (JSON.stringify(found) !== JSON.stringify(wanted))
  throw new Error(`fuses are ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
console.log(`${BUILDER} takes the configuration, refuses a misspelt one, and sets ${fuses.length} fuses as they should be`);
checkAppArmor();
const smoke = spawnSync(process.execPath, viteNode('test/package/smoke.ts', join(unpacked, 'resources/app')), {
  stdio: 'inherit',
  cwd: root,
});
rmSync(folder, { recursive: true });
process.exit(smoke.status ?? 1);

function viteNode(...args: string[]): string[] {
  return [join(root, 'node_modules/vite-node/dist/cli.mjs'), ...args];
}

function fetchBuilder(): void {
  const installed = join(builder, 'node_modules/electron-builder/package.json');
  if (
    existsSync(installed) &&
    BUILDER.endsWith(`@${(JSON.parse(readFileSync(installed, 'utf8')) as { version: string }).version}`)
  )
    return;
  mkdirSync(builder, { recursive: true });
  writeFileSync(join(builder, 'package.json'), '{ "private": true }');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', BUILDER];
  const { status, stderr } = spawnSync('npm', args, { cwd: builder, encoding: 'utf8' });
  if (status !== 0) notRun(what, `npm cannot fetch it: ${stderr.trim().split('\n')[0]}`);
}

/** What electron-builder takes for an unpacked Electron: a binary with every fuse the other way round, and what lies beside it. */
function makeBinary(dist: string): void {
  for (const part of ['locales', 'resources']) mkdirSync(join(dist, part), { recursive: true });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'locales/en-US.pak'])
    writeFileSync(join(dist, name), '');
  writeFileSync(join(dist, 'version'), configuration.electronVersion);
  const reversed = fuses.map((name, i) => (name in configuration.electronFuses ? !wanted[i] : wanted[i]));
  const states = reversed.map((on) => (on ? '1' : '0')).join('');
  const bytes = Buffer.concat([Buffer.from(SENTINEL), Buffer.from([1, fuses.length]), Buffer.from(states)]);
  writeFileSync(join(dist, 'electron'), Buffer.concat([Buffer.alloc(64), bytes, Buffer.alloc(64)]), { mode: 0o755 });
}

/** Without a network where that can be had: packing a folder needs none. */
function pack(more: string[]): { status: number | null; text: string } {
  const command = [
    ...(canRunAlone() ? ALONE : []),
    ...[process.execPath, join(builder, 'node_modules/electron-builder/cli.js'), '--dir', '--linux', '--projectDir', root],
    ...['--config', join(root, 'build/electron-builder.json')],
    ...[`-c.electronDist=${join(folder, 'electron')}`, `-c.directories.output=${join(folder, 'out')}`],
    ...more,
  ];
  const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8', cwd: root, timeout: 600_000 });
  return { status, text: `${stdout}\n${stderr}`.slice(-3000) };
}

/** The profile that the deb brings, as electron-builder writes it. AppArmor before 4 knows neither its `abi` nor `userns`. */
function checkAppArmor(): void {
  const version = spawnSync('apparmor_parser', ['--version'], { encoding: 'utf8' }).stdout?.match(/version (\d+)/)?.[1];
  if (version === undefined)
    return console.log('the AppArmor profile was NOT CHECKED: there is no apparmor_parser (apt-get install apparmor)');
  const template = readFileSync(join(builder, 'node_modules/app-builder-lib/templates/linux/apparmor-profile.tpl'), 'utf8');
  const names: Record<string, string> = {
    executable: configuration.linux.executableName,
    sanitizedProductName: 'Sync-ACT Workstation',
  };
  const profile = template.replace(/\$\{(\w+)\}/g, (_whole, name: string) => names[name]!);
  const isOld = Number(version) < 4;
  const file = join(folder, 'profile');
  writeFileSync(file, isOld ? profile.replace(/^abi .*$/m, '').replace(/^\s*userns,$/m, '') : profile);
  const { status, stderr } = spawnSync('apparmor_parser', ['--skip-kernel-load', '--skip-cache', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the AppArmor profile is wrong: ${stderr}`);
  console.log(
    `apparmor_parser takes the profile${isOld ? `, but for its first line and "userns", which version ${version} does not know` : ''}`,
  );
}
