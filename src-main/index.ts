import { app, dialog } from 'electron';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FolderAccess } from './api/path-access';
import { Workstation } from './api/workstation';
import { startElectron } from './shell/electron/start';
import { chooseFiles } from './shell/electron/dialogs';

/** The desktop app: opens the project named on its command line (`electron . DIR`), if one is. */
const paths = new FolderAccess([], 'choose it with the button: only files chosen in a dialog may be read');
const workstation = new Workstation({
  host: 'electron',
  program: 'the workstation',
  stateFile: join(app.getPath('userData'), 'recent-projects.json'),
  paths,
  choose: chooseFiles,
});
const named = process.argv.slice(app.isPackaged ? 1 : 2).find((argument) => !argument.startsWith('-') && existsSync(argument));
if (named) {
  workstation.openProject(named).catch((caught: unknown) => {
    dialog.showErrorBox('The project cannot be opened', caught instanceof Error ? caught.message : String(caught));
  });
}
// Not awaited: Electron becomes ready only after this module has been evaluated.
void startElectron(workstation);
