import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is fetched by `npm run enable:…` where it is wanted, and is no part of the program as it is shipped. */
const LEFT_OUT = /^node_modules\/@tensorflow\/tfjs-node/;
const LICENCE_FILES = /^(licen[cs]e|copying|notice|third[-_ ]?party)/i;

/**
 * The packages that the built program needs at run time, as the lock file names them, of those that are installed on this platform.
 * @param {string} root folder of the repository
 * @returns {{ place: string, name: string, version: string, licence: string }[]}
 */
export function shippedPackages(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const needed = reachable(packages);
  return Object.entries(packages)
    .filter(([place]) => needed.has(place) && existsSync(join(root, place)))
    .map(([place, { version, license }]) => {
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { place, name, version, licence: license ?? 'as its text says' };
    });
}

/** Places of all packages that the program's own dependencies lead to, found as Node finds them. */
function reachable(packages) {
  const found = new Set();
  // Peers that are needed are dependencies of the program itself; the others belong to tools that build.
  const visit = (from, { dependencies = {}, optionalDependencies = {} }) => {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
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
