/** The Chromium to test in: CHROMIUM_PATH, else the first of the usual names on PATH; undefined where there is none. */
export function findChromium(): string | undefined;
