import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '../../src-preload/shared/contract/views';
import { writeContentAtomically } from '../files/atomic-write';
import { isProject } from '../project/project';

const schema = z.array(z.object({ folder: z.string(), openedAt: z.string() }));
const MOST_KEPT = 12;

/** The projects opened last, newest first, kept in a JSON file; a file that cannot be read counts as empty. */
export class RecentProjects {
  private entries: z.infer<typeof schema>;

  constructor(private readonly file: string) {
    this.entries = readEntries(file);
  }

  list(): RecentProject[] {
    return this.entries.map(({ folder, openedAt }) => {
      return { folder, openedAt, name: basename(folder).replace(/\.syncact$/, ''), exists: isProject(folder) };
    });
  }

  async add(folder: string): Promise<void> {
    const others = this.entries.filter((entry) => entry.folder !== folder);
    await this.store([{ folder, openedAt: new Date().toISOString() }, ...others].slice(0, MOST_KEPT));
  }

  async forget(folder: string): Promise<void> {
    await this.store(this.entries.filter((entry) => entry.folder !== folder));
  }

  private async store(entries: z.infer<typeof schema>): Promise<void> {
    this.entries = entries;
    mkdirSync(dirname(this.file), { recursive: true });
    await writeContentAtomically(this.file, JSON.stringify(entries));
  }
}

function readEntries(file: string): z.infer<typeof schema> {
  if (!existsSync(file)) return [];
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
