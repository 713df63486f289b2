import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Chromium to test in: CHROMIUM_PATH, else the first of the usual names on PATH; undefined where there is none. */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}
