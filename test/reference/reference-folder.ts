import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.SYNCACT_REFERENCE ?? join(import.meta.dirname, 'data');

/** Path of a reference file: under SYNCACT_REFERENCE where that is set, else the copy in this repository. */
export function referencePath(...parts: string[]): string {
  return join(folder, ...parts);
}

/** A parsed reference file; throws (and so fails the test) when it is missing. */
export function referenceJson<Content>(...parts: string[]): Content {
  return JSON.parse(readFileSync(referencePath(...parts), 'utf8')) as Content;
}
