import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { figureName, type FigureSpec, type SavedFigure } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { writeContentAtomically } from '../../files/atomic-write';
import type { Project } from '../../project/project';
import { parseFigureSpec } from './make-figure';

/*
 * Figures kept in a project are JSON files in its folder `figures`, one each, as `syncact figure --spec` takes them: they can be
 * copied, mended by hand, and kept in version control.
 */
const FOLDER = 'figures';
const ENDING = '.json';

/** The figures of a project by name. Files that are no figures are listed too, with what is wrong. */
export function listFigures(project: Project): SavedFigure[] {
  let names: string[];
  try {
    names = readdirSync(project.path(FOLDER));
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw caught;
  }
  return names
    .filter((name) => name.endsWith(ENDING) && figureName.safeParse(name.slice(0, -ENDING.length)).success)
    .sort()
    .map((name) => readFigure(project, name.slice(0, -ENDING.length)));
}

/** Keeps a figure under a name, in the place of one of the same name; the file appears whole or not at all. */
export async function saveFigure(project: Project, name: string, spec: FigureSpec): Promise<SavedFigure> {
  mkdirSync(project.path(FOLDER), { recursive: true });
  await writeContentAtomically(fileOf(project, name), `${JSON.stringify(spec, null, 2)}\n`);
  return readFigure(project, name);
}

/** @throws UserError where there is none of this name */
export function removeFigure(project: Project, name: string): void {
  if (!listFigures(project).some((figure) => figure.name === name))
    throw new UserError({ code: 'not-found', what: `there is no saved figure "${name}"` });
  rmSync(fileOf(project, name));
}

function readFigure(project: Project, name: string): SavedFigure {
  const file = fileOf(project, name);
  const about = { name, file: join(FOLDER, `${name}${ENDING}`), savedAt: statSync(file).mtime.toISOString() };
  try {
    return { ...about, spec: parseFigureSpec(JSON.parse(readFileSync(file, 'utf8'))), problem: null };
  } catch (caught) {
    return { ...about, spec: null, problem: caught instanceof UserError ? caught.message : `not JSON: ${String(caught)}` };
  }
}

function fileOf(project: Project, name: string): string {
  return project.path(join(FOLDER, `${name}${ENDING}`));
}
