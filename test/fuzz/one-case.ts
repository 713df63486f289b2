import { readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type fc from 'fast-check';
import { toErrorReport } from '../../src-preload/shared/domain/errors';

/** Something of the program that reads files of others. */
export interface Reader {
  name: string;
  /** Ending of the files, with its dot. */
  ending: string;
  /** Contents, all of them whole or hostile. */
  cases: fc.Arbitrary<Uint8Array>;
  /** How many in the short form, and in the long one. */
  short: number;
  long: number;
  /** Reads a file as the program does, to its end. */
  read(file: string): Promise<unknown>;
}

/** A file is read in milliseconds; a case that takes longer is one that hangs. */
const LONGEST_MILLISECONDS = 10_000;
/** The files are small: nothing in them can be worth more memory than this, which is what a whole run of cases may take. */
export const MEMORY_BOUND_BYTES = 1 << 30;
const ownNames = Object.getOwnPropertyNames(Object.prototype).length;

/** How a case ended. */
export type Ending = 'read' | 'refused';

/**
 * Reads one content, and throws where the program does not keep its word: a result, or an error that a person can understand; no hang, no
 * other file, nothing changed beneath all objects.
 * @param folder holds nothing but the case
 */
export async function readCase(reader: Reader, content: Uint8Array, folder: string): Promise<Ending> {
  const file = join(folder, `case${reader.ending}`);
  writeFileSync(file, content);
  const start = performance.now();
  let ending: Ending = 'read';
  try {
    await reader.read(file);
  } catch (caught) {
    ending = 'refused';
    const report = toErrorReport(caught);
    if (report.kind !== 'user') throw new Error(`${reader.name}: unexplained: ${describe(caught)}`, { cause: caught });
    if (/[\r\n]/.test((caught as Error).message)) throw new Error(`${reader.name}: an error of several lines`, { cause: caught });
  }
  const took = performance.now() - start;
  if (took > LONGEST_MILLISECONDS) throw new Error(`${reader.name}: took ${(took / 1000).toFixed(1)} s`);
  const [inside, beside] = [readdirSync(folder), readdirSync(dirname(folder))];
  if (inside.length !== 1 || beside.length !== 1 || beside[0] !== basename(folder))
    throw new Error(`${reader.name}: wrote ${[...inside, ...beside].join(', ')}`);
  if (Object.getOwnPropertyNames(Object.prototype).length !== ownNames || Object.keys({}).length > 0)
    throw new Error(`${reader.name}: changed the prototype of all objects`);
  return ending;
}

function describe(caught: unknown): string {
  return caught instanceof Error ? (caught.stack ?? caught.message) : String(caught);
}

/** Files that this process has open; 0 where the system does not say. */
export function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

/** Most memory this process ever had resident, in bytes. */
export function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}
