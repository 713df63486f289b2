import { BrowserWindow, dialog, type OpenDialogOptions } from 'electron';
import type { FileDialogRequest } from '../../api/host';

const properties: Record<Exclude<FileDialogRequest['kind'], 'save'>, OpenDialogOptions['properties']> = {
  file: ['openFile'],
  files: ['openFile', 'multiSelections'],
  folder: ['openDirectory', 'createDirectory'],
};

/** The system's file dialog over the focused window. @returns what was chosen; empty when the user cancelled */
export async function chooseFiles({ kind, title, extensions }: FileDialogRequest): Promise<string[]> {
  const filters = extensions ? [{ name: title, extensions: extensions.map((extension) => extension.replace(/^\./, '')) }] : [];
  const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]!;
  if (kind === 'save') {
    const { filePath } = await dialog.showSaveDialog(window, { title, filters });
    return filePath ? [filePath] : [];
  }
  const { filePaths } = await dialog.showOpenDialog(window, { title, filters, properties: properties[kind]! });
  return filePaths;
}
