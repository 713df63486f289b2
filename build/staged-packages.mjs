import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtPackages } from './built-packages.mjs';

/** What is fetched by `npm run enable:…` where it is wanted, and is no part of the program as it is shipped. */
const LEFT_OUT = /^node_modules\/@tensorflow\/tfjs-node/;
const LICENCE_FILES = /^(licen[cs]e|copying|notice|third[-_ ]?party)/i;

/** What no program looks for at run time: sources and maps of compiled code, types, headers and manuals. */
const NOT_USED = /\.(map|d\.[mc]?ts)$|^better-sqlite3\/(deps|src)\/|^node-[^/]+\/(include|share)\//;

/**
 * The packages whose code is shipped, as the lock file names them, of those that are installed on this platform.
 * @param {string} root folder of the repository
 * @returns {{ place: string, name: string, version: string, licence: string, isLoaded: boolean }[]} isLoaded: by the program at run time;
 * the others are in the built program and in the window's files, into which the build puts them
 */
export function shippedPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const needed = reachable(packages, () => true);
  const named = sourcesOf(root);
  // Optional ones are the Node of compute processes, whose name is put together for the platform.
  const { optionalDependencies } = packages[''];
  const isNamed = (name) => !builtPackages.includes(name) && ["'", '"', '`'].some((quote) => named.includes(quote + name));
  const loaded = reachable(packages, (name) => name in optionalDependencies || isNamed(name));
  return Object.entries(packages)
    .filter(([place]) => needed.has(place) && existsSync(join(root, place)))
    .map(([place, { version, license }]) => {
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { place, name, version, licence: license ?? 'as its text says', isLoaded: loaded.has(place) };
    });
}

/** Whether a file of a package is shipped: not what is for other platforms, or for those who compile. @param {string} file its path, from the name of the package on, with / */
export function isShippedFile(file, platform = process.platform, arch = process.arch) {
  if (NOT_USED.test(file)) return false;
  const [, onPlatform, onArch] = /^onnxruntime-node\/bin\/[^/]+\/([^/]+)(?:\/([^/]+))?/.exec(file) ?? [];
  if (onPlatform !== undefined) return onPlatform === platform && (onArch === undefined || onArch === arch);
  const [, built] = /^better-sqlite3\/prebuilds\/(.+)\.node$/.exec(file) ?? [];
  return built === undefined || [`${platform}-${arch}`, `${platform}musl-${arch}`].includes(built);
}

/** All that the program without its window says, in one text. */
function sourcesOf(root) {
  const files = ['src-main', 'src-preload'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((file) => join(root, folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** Places of all packages that those of the program's own dependencies lead to that are wanted, found as Node finds them. */
function reachable(packages, isWanted) {
  const found = new Set();
  // Peers that are needed are dependencies of the program itself; the others belong to tools that build.
  const visit = (from, { dependencies = {}, optionalDependencies = {} }) => {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (from === '' && !isWanted(name)) continue;
      const place = resolvePlace(packages, from, name);
      if (place === undefined || found.has(place) || LEFT_OUT.test(place)) continue;
      found.add(place);
      visit(place, packages[place]);
    }
  };
  visit('', packages['']);
  return found;
}

function resolvePlace(packages, from, name) {
  const folders = from.split('/node_modules/');
  for (let depth = from === '' ? 0 : folders.length; depth > 0; depth--) {
    const place = `${folders.slice(0, depth).join('/node_modules/')}/node_modules/${name}`;
    if (place in packages) return place;
  }
  return `node_modules/${name}` in packages ? `node_modules/${name}` : undefined;
}

/**
 * The licences of all that is shipped, as one text; packages that say a licence but bring no text are named at the end.
 * @param {string} root
 * @param {ReturnType<typeof shippedPackages>} packages
 */
export function collectLicences(root, packages) {
  const without = [];
  const parts = packages.map(({ place, name, version, licence }) => {
    const files = readdirSync(join(root, place), { withFileTypes: true }).filter(
      (entry) => entry.isFile() && LICENCE_FILES.test(entry.name) && !/\.(js|ts|mjs|cjs|map)$/.test(entry.name),
    );
    if (files.length === 0) without.push(`${name} ${version}: ${licence}`);
    const texts = files.map(({ name: file }) => readFileSync(join(root, place, file), 'utf8').trim());
    return [`${name} ${version}`, `Licence: ${licence}`, '', ...texts].join('\n');
  });
  const line = `\n\n${'='.repeat(100)}\n\n`;
  return [
    'Licences of what is shipped with the Sync-ACT Workstation. Electron’s own, and those of Chromium, lie beside its binary.',
    ...parts,
    `Packages that bring no text of their licence:\n${without.join('\n')}`,
  ].join(line);
}
