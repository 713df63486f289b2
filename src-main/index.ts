import { OpenProject } from './api/application';
import { answerRequest } from './api/requests';
import { startElectron } from './shell/electron/start';

/** The desktop app: opens the project named on its command line (`electron . DIR`). */
const folder = process.argv.at(-1) ?? '.';
const open = OpenProject.open(folder, 'the workstation');
// Not awaited: Electron becomes ready only after this module has been evaluated.
void startElectron(
  (route, input) => answerRequest(open.project, route, input),
  () => open.close(),
);
