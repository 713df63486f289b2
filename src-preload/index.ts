import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
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
