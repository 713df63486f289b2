import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, extname, sep } from 'node:path';

/** A file of the log is put aside when it has so many bytes, and so many are kept besides. */
const LARGEST_FILE = 1 << 20;
const KEPT_FILES = 3;

/** What the program did and what went wrong, line by line, in files that are put aside when they are long. */
export class ProgramLog {
  constructor(
    readonly file: string,
    private readonly largest = LARGEST_FILE,
  ) {}

  /** Adds a line. That it cannot be written stops nothing. */
  add(kind: 'info' | 'failure', message: string, now = new Date()): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      if ((statSync(this.file, { throwIfNoEntry: false })?.size ?? 0) > this.largest) this.putAside();
      const line = message.trim().replace(/\s*[\r\n]+\s*/g, ' | ');
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

/** A path of more than one part, on any system. */
const PATHS = /(?:file:\/\/)?(?:[A-Za-z]:)?(?:[/\\][^\s/\\:;,'"()|]+){2,}/g;

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
