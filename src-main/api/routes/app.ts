import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FolderListing } from '../../../src-preload/shared/contract/views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { listBackups } from '../../project/backups';
import { isProject } from '../../project/project';
import { describeProject } from '../project-info';
import { supportBundle } from '../diagnostics';
import { viewBackup } from '../restore';
import type { RouteHandlers } from '../requests';
import type { Workstation } from '../workstation';

type AppRoute = Extract<keyof RouteHandlers, `app.${string}` | `files.${string}` | `dialog.${string}` | `project.${string}`>;

export const appRoutes: Pick<RouteHandlers, AppRoute> = {
  'app.state': (_input, workstation) => workstation.state(),
  'app.open': ({ folder }, workstation) => workstation.openProject(folder),
  'app.create': ({ folder }, workstation) => workstation.createProject(folder),
  'app.backups': ({ folder }) => ({ backups: listBackups(resolve(folder)).map(viewBackup) }),
  'app.restore': ({ folder, backup }, workstation) => workstation.restoreProject(folder, backup),
  'app.diagnostics': (_input, workstation) => workstation.diagnostics(),
  'app.supportBundle': ({ window }, workstation) => ({ text: supportBundle(workstation.diagnostics(), window, workstation.log) }),
  'app.close': (_input, workstation) => workstation.closeProject(),
  'app.forgetRecent': ({ folder }, workstation) => workstation.forgetRecent(folder),
  'app.phantom': async ({ folder }, workstation) => {
    const state = await workstation.createProject(folder);
    workstation.startJob('phantom', {});
    return state;
  },
  'dialog.choose': async (request, { options }) => {
    if (!options.choose)
      throw new UserError({
        code: 'request-refused',
        what: 'this host has no file dialogs',
        remedy: 'choose with the file browser of the window',
      });
    const paths = await options.choose(request);
    for (const path of paths) options.paths.grant(path);
    return { paths };
  },
  'files.list': ({ folder }, workstation) => listFolder(folder, workstation),
  'project.info': (_input, workstation) => describeProject(workstation.project.project),
};

/** A folder's content, folders first; null lists the roots. Hidden files are left out. */
function listFolder(folder: string | null, { options: { paths } }: Workstation): FolderListing {
  const roots = [...paths.roots];
  if (folder === null) {
    return { folder, parent: null, roots, entries: roots.map((root) => describeEntry(root, root)) };
  }
  const path = resolve(folder);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError({ code: 'file-missing', what: 'no such folder', file: path, remedy: 'choose another one' });
  const entries = readdirSync(path)
    .filter((name) => !name.startsWith('.'))
    .map((name) => describeEntry(name, join(path, name)));
  entries.sort((a, b) =>
    a.kind === b.kind ? a.name.localeCompare(b.name, 'en', { numeric: true }) : a.kind === 'folder' ? -1 : 1,
  );
  return { folder: path, parent: roots.includes(path) ? null : dirname(path), roots, entries };
}

function describeEntry(name: string, path: string): FolderListing['entries'][number] {
  const stats = statSync(path, { throwIfNoEntry: false });
  const kind = stats?.isDirectory() ? 'folder' : 'file';
  return {
    ...{ name, path, kind },
    bytes: kind === 'file' ? (stats?.size ?? null) : null,
    modifiedAt: stats?.mtime.toISOString() ?? null,
    isProject: kind === 'folder' && isProject(path),
  };
}
