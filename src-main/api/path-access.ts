import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { PathAccess } from './host';

/** The real place of a path, links resolved; of one that does not exist yet, that of its nearest existing parent. */
function realPlace(path: string): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  return parent === absolute ? absolute : join(realPlace(parent), basename(absolute));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Folders, with everything below them, that the renderer may name; links that lead out of them are refused. */
export class FolderAccess implements PathAccess {
  private readonly allowed = new Set<string>();

  /**
   * @param roots what the file browser lists; the browser host is given them at its start
   * @param remedy what to do about a path that is refused
   */
  constructor(
    readonly roots: readonly string[],
    private readonly remedy: string,
  ) {
    for (const root of roots) this.grant(root);
  }

  grant(path: string): void {
    this.allowed.add(realPlace(path));
  }

  check(path: string): void {
    const place = realPlace(path);
    if ([...this.allowed].some((folder) => isWithin(place, folder))) return;
    throw new UserError({ what: 'this path is not allowed', file: path, remedy: this.remedy });
  }
}
