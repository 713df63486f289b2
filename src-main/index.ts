import { app, dialog } from 'electron';
import { join } from 'node:path';
import { FolderAccess } from './api/path-access';
import { Workstation } from './api/workstation';
import { chooseFiles } from './shell/electron/dialogs';
import { namedFolder } from './shell/electron/open-project';
import { startElectron } from './shell/electron/start';

/** The desktop app: opens the project named on its command line (`electron . DIR`), if one is. */
const workstation = new Workstation({
  host: 'electron',
  program: 'the workstation',
  stateFile: join(app.getPath('userData'), 'recent-projects.json'),
  paths: new FolderAccess([], 'choose it with the button: only files chosen in a dialog may be read'),
  choose: chooseFiles,
});
// Not awaited: Electron becomes ready only after this module has been evaluated.
startElectron(workstation, namedFolder(process.argv, app.isPackaged)).catch((caught: unknown) => {
  dialog.showErrorBox(
    'The workstation cannot start',
    caught instanceof Error ? (caught.stack ?? caught.message) : String(caught),
  );
  app.exit(1);
});
