import { join, posix, win32 } from 'node:path';
import type { SourceFolder } from '../../src-preload/shared/contract/sources';

/** A drive or a share: paths of Windows are told apart on every system, as a project may come from one to another. */
const WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/** Whether a path is absolute on another system than this one. */
export function isOfOtherSystem(path: string): boolean {
  return process.platform === 'win32' ? path.startsWith('/') : WINDOWS.test(path);
}

/** The names along a path, the drive or share first; `/` is nothing. A backslash parts names on Windows only. */
function namesOf(path: string): string[] {
  const names = path.split(WINDOWS.test(path) ? /[\\/]+/ : /\/+/).filter((name) => name !== '' && name !== '.');
  return path.startsWith('\\\\') ? [`\\\\${names[0] ?? ''}`, ...names.slice(1)] : names;
}

/** Names that are the same: Windows does not tell cases apart. */
function isSame(a: string, b: string, isWindows: boolean): boolean {
  return isWindows ? a.toLowerCase() === b.toLowerCase() : a === b;
}

/**
 * The names that lead from a folder to a path; empty where they are the same, undefined where the path is not below the folder.
 * Either may be of another system than this one.
 */
export function namesBelow(folder: string, path: string): string[] | undefined {
  const isWindows = WINDOWS.test(path);
  if (isWindows !== WINDOWS.test(folder)) return undefined;
  const { normalize } = isWindows ? win32 : posix;
  const [above, names] = [namesOf(normalize(folder)), namesOf(path)];
  if (above.length > names.length || !above.every((name, i) => isSame(name, names[i]!, isWindows))) return undefined;
  const below = names.slice(above.length);
  // A path that was made up could lead out of the folder again.
  return below.includes('..') ? undefined : below;
}

/** More folders than these are many of a kind, as those of subjects are. */
const MOST_PARTS = 8;

/**
 * Folders that sources were in, most sources first: of each disk the deepest one that holds all of them, and, where those lie in a few
 * folders below it, each of these.
 */
export function commonFolders(paths: readonly string[]): SourceFolder[] {
  const disks = Map.groupBy(paths, (path) => (WINDOWS.test(path) ? namesOf(path)[0]!.toLowerCase() : '/'));
  const folders = [...disks].flatMap(([disk, onDisk]) => {
    const whole = sharedFolder(onDisk);
    const parts = [...Map.groupBy(onDisk, (path) => namesBelow(whole, path)![0]!).values()];
    const some = parts.length <= MOST_PARTS ? parts.map((part) => ({ folder: sharedFolder(part), sources: part.length })) : [];
    const isDisk = namesOf(whole).length <= (disk === '/' ? 0 : 1);
    const below = some.filter(({ folder }) => folder !== whole);
    return isDisk && below.length > 0 ? below : [{ folder: whole, sources: onDisk.length }, ...below];
  });
  const places = new Map(folders.map((one) => [one.folder, one]));
  return [...places.values()].sort((a, b) => b.sources - a.sources || a.folder.length - b.folder.length);
}

/** The deepest folder that all paths (of one disk) lie in. */
function sharedFolder(paths: readonly string[]): string {
  const [first, ...others] = paths;
  const { dirname } = WINDOWS.test(first!) ? win32 : posix;
  let folder = dirname(first!);
  while (others.some((path) => namesBelow(folder, path) === undefined) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Where a source may be now. @param below the names that led to it from the folder that was moved */
export function placesBelow(place: string, path: string, below: readonly string[]): string[] {
  if (below.length > 0) return [join(place, ...below)];
  // The source itself was named: its new place may be named, or the folder that it lies in.
  return [place, join(place, namesOf(path).at(-1)!)];
}
