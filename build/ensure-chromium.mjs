// Before the end-to-end tests in a browser: finds Chromium, or installs Debian's where that is allowed, or says how.
import { spawnSync } from 'node:child_process';
import { findChromium } from './find-chromium.mjs';

if (!findChromium()) {
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  const install = (...args) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status ===
    0;
  if (mayInstall) {
    console.error('Chromium is not here: installing it with apt (once) …');
    install('update', '-q');
    install('install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  }
  if (!findChromium()) {
    console.error(
      'The tests in a browser need Chromium: install it (Debian, as root: `apt-get install chromium`), or name one with CHROMIUM_PATH.',
    );
    process.exit(1);
  }
}
