import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentSecurityPolicy } from '../../../src-main/shell/renderer-files';

/** What stands in the sources only; the rest of the checklist in docs/security.md is tested where it is done. */
const root = join(import.meta.dirname, '../../..');
const sources = ['src-main', 'src-preload', 'src-renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue|html)$/.test(name))
    .map((name): [file: string, text: string] => [join(folder, name), readFileSync(join(root, folder, name), 'utf8')]),
);
const filesWith = (pattern: RegExp) => sources.filter(([, text]) => pattern.test(text)).map(([file]) => file);

test.each([
  [
    'what switches off the protection of pages',
    /webSecurity|allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures/,
  ],
  ['nothing is opened outside', /\bopenExternal\b|\bopenPath\b|<webview|allowpopups/],
  ['no text becomes markup or program', /v-html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/],
  ['no command goes through a shell', /shell: *true|(?<![.\w])exec\(|execSync\(/],
  ['no page comes from the disk or the network', /loadFile\(|loadURL\((?!`\$\{ORIGIN\}\/`\))/],
  ['no server but the one on the loopback interface', /0\.0\.0\.0|server\.listen\((?!port, '127\.0\.0\.1')/],
])('%s: in no source', (_what, pattern) => {
  expect(sources.length).toBeGreaterThan(300);
  expect(filesWith(pattern)).toEqual([]);
});

test('pages run scripts of their own only, and reach nothing else', () => {
  const policy = new Map(contentSecurityPolicy.split('; ').map((line) => [line.split(' ')[0]!, line.split(' ').slice(1)]));
  expect(policy.get('default-src')).toEqual(["'none'"]);
  expect(policy.get('script-src')).toEqual(["'self'"]);
  for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(policy.get(name)).toEqual(["'none'"]);
  for (const places of policy.values())
    expect(places.filter((place) => !/^('(self|none)'|blob:|data:|'unsafe-inline')$/.test(place))).toEqual([]);
  expect([...policy].filter(([, places]) => places.includes("'unsafe-inline'")).map(([name]) => name)).toEqual(['style-src']);
});

test('the page itself names nothing outside of the program', () => {
  const page = readFileSync(join(root, 'src-renderer/index.html'), 'utf8');
  expect(page).not.toMatch(/https?:|\/\/[a-z]/);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
});
