import { contextBridge, ipcRenderer } from 'electron';
import type { HostBridge } from './shared/contract/routes';

/** All that the renderer gets of Electron. */
const bridge: HostBridge = { request: (route, input) => ipcRenderer.invoke('request', route, input) };

contextBridge.exposeInMainWorld('syncact', bridge);
