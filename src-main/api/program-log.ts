import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname, extname, sep } from 'node:path';

/** A file of the log is put aside when it has so many bytes, and so many are kept besides. */
const LARGEST_FILE = 1 << 20;
const KEPT_FILES = 3;

/** Around what is for the owner of the data alone. */
const OWN_START = '⟦';
const OWN_END = '⟧';

/** What the program did and what went wrong, line by line, in files that are put aside when they are long. */
export class ProgramLog {
  constructor(
    readonly file: string,
    private readonly largest = LARGEST_FILE,
  ) {}

  /**
   * Adds a line. That it cannot be written stops nothing.
   * @param own what is for the eyes of whoever owns the data (names, paths): it stays in the log, and goes into no support bundle
   */
  add(kind: 'info' | 'failure', message: string, own = '', now = new Date()): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > this.largest) this.putAside();
      const text = own === '' ? message : `${message} ${OWN_START}${own.trim().replaceAll(OWN_END, '')}${OWN_END}`;
      const line = text.trim().replace(/\s*[\r\n]+\s*/g, ' | ');
      appendFileSync(this.file, `${now.toISOString()} ${process.pid} ${kind === 'failure' ? 'FAILURE ' : ''}${line}\n`);
    } catch {
      // There is nowhere left to say so.
    }
  }

  /** All that is kept, oldest first. */
  read(): string {
    const files = Array.from({ length: KEPT_FILES }, (_, i) => this.nameOf(KEPT_FILES - i));
    return [...files, this.file].map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('');
  }

  private putAside(): void {
    for (let age = KEPT_FILES; age > 0; age--) {
      const younger = age === 1 ? this.file : this.nameOf(age - 1);
      if (existsSync(younger)) renameSync(younger, this.nameOf(age));
    }
  }

  private nameOf(age: number): string {
    return `${this.file}.${age}`;
  }
}

/** A path of more than one part, on any system; parts before the last may hold spaces. */
const PATHS =
  /(?:file:\/\/)?(?:[A-Za-z]:)?(?:[/\\](?:(?:[^\s/\\:;,'"()|]+ ){1,6}[^\s/\\:;,'"()|]+(?=[/\\])|[^\s/\\:;,'"()|]+)){2,}/g;
/** Names of files that may be data, without their folder. */
const FILES =
  /[\p{L}\p{N}_.+-]+(\.(?:nii(?:\.gz)?|onnx|pth|pt|npy|npz|safetensors|csv|tsv|json|mp4|mkv|webm|avi|mov|png|jpe?g|syncact))\b/gu;
/** Parts of names as BIDS writes them. */
const ENTITIES = /\b(sub|ses|task|acq|run|rec|dir|desc)-[A-Za-z0-9]+/g;
/** What messages name stands in double quotes. */
const QUOTED = /"[^"|]*"|“[^”|]*”/g;

/**
 * A text without the paths in it, which may name subjects, studies and persons: `…` and the ending is left of each; those of the program
 * itself stay, from its folder on.
 */
export function withoutPaths(text: string, programFolder: string): string {
  return text.replace(PATHS, (path: string) => {
    const own = path.indexOf(`${programFolder}${sep}`);
    return own < 0 ? `…${extname(path.replace(/[.]+$/, ''))}` : `<program>${path.slice(own + programFolder.length)}`;
  });
}

/**
 * A text to give away: without what was kept apart for the owner of the data, without paths, names of files, subjects, runs and whatever
 * else is quoted, and without the names of the person and the machine.
 */
export function withoutNames(
  text: string,
  programFolder: string,
  own: readonly string[] = [userInfo().username, hostname()],
): string {
  const apart = text.replace(new RegExp(` ?${OWN_START}[^\\n]*?${OWN_END}`, 'g'), '');
  const named = withoutPaths(apart, programFolder).replace(QUOTED, '"…"').replace(FILES, '…$1').replace(ENTITIES, '$1-…');
  return own
    .filter((name) => name.length > 1)
    .reduce((left, name) => left.replace(new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`, 'g'), '…'), named);
}
