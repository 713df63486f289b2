import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeAudit } from '../../build/audit-verdict.mjs';

/** What can be known of the packages without asking anybody; known defects of them are for `npm audit` (build/audit.mjs). */
const root = join(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
interface LockedPackage {
  version: string;
  resolved?: string;
  link?: boolean;
  integrity?: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}
type Description = Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>> & {
  allowScripts: Record<string, boolean>;
};
const description = JSON.parse(read('package.json')) as Description;
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> };
const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const placesWith = (isWrong: (one: LockedPackage, name: string) => boolean) =>
  packages.filter(([place, one]) => isWrong(one, nameOf(place))).map(([place]) => place);

test('every version is exact, of what is asked for and of what comes with it', () => {
  const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
  const { dependencies, devDependencies, optionalDependencies } = description;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    expect([name, version]).toEqual([name, expect.stringMatching(exact)]);
    expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
  }
  expect(packages.length).toBeGreaterThan(500);
  expect(placesWith(({ version }) => !exact.test(version))).toEqual([]);
});

test('every file comes from the registry and is held against its SHA-512', () => {
  expect(placesWith(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
  // The lock file names no addresses, or those of npm: nothing from repositories, archives or folders.
  const foreign = /^(?!https:\/\/registry\.npmjs\.org\/)/;
  expect(placesWith(({ resolved, link }) => link === true || (resolved !== undefined && foreign.test(resolved)))).toEqual([]);
});

test('no package may run a script when it is installed, and those that would are known with what theirs does', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  expect(Object.values(description.allowScripts)).not.toContain(true);
  const named = [...read('docs/security.md').matchAll(/^\| `([^`]+)` \| .{20,} \|$/gm)].map(([, name]) => name!);
  const found = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place));
  expect(new Set(named)).toEqual(new Set(Object.keys(description.allowScripts)));
  expect(found.filter((name) => !named.includes(name))).toEqual([]);
  expect(found).toContain('onnxruntime-node');
});

/** Licences that let the program be given away with what they are on, its own source being open or not. */
const SHIPPED = /^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BSL-1\.0|CC0-1\.0|OFL-1\.1|MPL-2\.0|LGPL-(2\.1|3\.0-or-later))$/;
/** Of tools that are not shipped. */
const TOOLS = /^(BlueOak-1\.0\.0|CC-BY-4\.0)$/;
/** What the lock file does not say in SPDX, looked up by hand. FFmpeg is a program of its own, started as one; its text is shipped. */
const BY_HAND = /^(@ffmpeg-installer\/(linux|win32|darwin)-\w+|png-js)$/;

test('every package has a licence under which the program may be given away', () => {
  const isAllowed = (part: string, dev: boolean) => SHIPPED.test(part) || (dev && TOOLS.test(part));
  const refused = placesWith(({ license = '', dev = false }, name) => {
    const parts = license.replace(/[()]/g, '').split(/ AND | OR /);
    return !BY_HAND.test(name) && !parts.every((part) => isAllowed(part, dev));
  });
  expect(refused).toEqual([]);
});

test('the audit fails at grave defects, and says so when nobody answered', () => {
  const report = (severity: 'moderate' | 'high') =>
    JSON.stringify({
      auditReportVersion: 2,
      vulnerabilities: { zod: { severity } },
      metadata: { vulnerabilities: { moderate: 0, high: 0, critical: 0, [severity]: 1 } },
    });
  expect(judgeAudit(report('high'))).toMatchObject({ failed: true, line: expect.stringContaining('zod (high)') });
  expect(judgeAudit(report('moderate'))).toMatchObject({ failed: false, line: expect.stringContaining('zod (moderate)') });
  const clean = { auditReportVersion: 2, vulnerabilities: {}, metadata: { vulnerabilities: { high: 0, critical: 0 } } };
  expect(judgeAudit(JSON.stringify(clean))).toMatchObject({ failed: false, line: expect.stringContaining('no known defect') });
  const refused = JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405 });
  for (const [answer, reason] of [
    [refused, '405 Method Not Allowed'],
    ['', 'no answer'],
    [undefined, 'no answer'],
    ['{}', 'no report'],
  ] as const)
    expect(judgeAudit(answer)).toEqual({ failed: false, line: expect.stringMatching(`DID NOT RUN .*${reason}`) });
});
