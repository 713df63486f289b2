import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';
import { hostEventNames } from './shared/contract/events';
import type { HostBridge } from './shared/contract/routes';

/** All that the renderer gets of Electron. */
const bridge: HostBridge = {
  request: (route, input) => ipcRenderer.invoke('request', route, input),
  on(event, callback) {
    if (!hostEventNames.includes(event)) throw new Error(`there is no event ${String(event)}`);
    const listener = (_event: IpcRendererEvent, detail: Parameters<typeof callback>[0]) => callback(detail);
    ipcRenderer.on(`event:${event}`, listener);
    return () => ipcRenderer.off(`event:${event}`, listener);
  },
};

contextBridge.exposeInMainWorld('syncact', bridge);

/** What is used of the DOM's drag events: the DOM's types are not those of the main process, with which this is compiled. */
interface FileDrag {
  readonly isTrusted: boolean;
  readonly dataTransfer: { readonly types: readonly string[]; readonly files: ArrayLike<File> } | null;
  preventDefault(): void;
}
declare function addEventListener(type: 'dragover' | 'drop', listener: (event: FileDrag) => void, capture: boolean): void;

// A project folder dropped onto the window is opened. The page never learns its path; the main process judges what it is.
addEventListener('dragover', (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault(), true);
addEventListener(
  'drop',
  (event) => {
    const file = event.dataTransfer?.files[0];
    if (!event.isTrusted || !file) return;
    event.preventDefault();
    // Empty for a file that the page has made up.
    const path = webUtils.getPathForFile(file);
    if (path) ipcRenderer.send('open-dropped', path);
  },
  true,
);
