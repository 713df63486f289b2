import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { ZodType } from 'zod';
import { pathsIn } from '../../src-preload/shared/contract/paths';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { PathAccess } from './host';

/** Links that are followed in a path before it counts as a circle; as many as Linux follows. */
const MOST_LINKS = 40;

/**
 * The real place of a path, links resolved; of one that does not exist yet, that of its nearest existing parent. A link to nothing
 * stands for the place it names: whoever writes there writes through it.
 */
function realPlace(path: string, links = 0): string {
  const absolute = resolve(path);
  if (existsSync(absolute)) return realpathSync(absolute);
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  if (lstatSync(absolute, { throwIfNoEntry: false })?.isSymbolicLink()) {
    if (links >= MOST_LINKS)
      throw new UserError({ code: 'file-refused', what: 'links that lead to one another', file: path, remedy: 'name a file' });
    return realPlace(resolve(realPlace(parent, links + 1), readlinkSync(absolute)), links + 1);
  }
  return join(realPlace(parent, links), basename(absolute));
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
    throw new UserError({ code: 'path-not-allowed', what: 'this path is not allowed', file: path, remedy: this.remedy });
  }
}

/** Refuses an input that names a path which the renderer may not name; where paths lie in it, its schema says. */
export function checkPaths(schema: ZodType, input: unknown, access: PathAccess): void {
  for (const path of pathsIn(schema, input)) access.check(path);
}
