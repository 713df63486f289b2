import { dialog, type MessageBoxOptions, type OpenDialogOptions } from 'electron';
import type { FileDialogRequest } from '../../api/host';
import { mainWindow } from './window';

const properties: Record<Exclude<FileDialogRequest['kind'], 'save'>, OpenDialogOptions['properties']> = {
  file: ['openFile'],
  files: ['openFile', 'multiSelections'],
  folder: ['openDirectory', 'createDirectory'],
};

/** The system's file dialog over the window. @returns what was chosen; empty when the user cancelled */
export async function chooseFiles({ kind, title, extensions }: FileDialogRequest): Promise<string[]> {
  const filters = extensions ? [{ name: title, extensions: extensions.map((extension) => extension.replace(/^\./, '')) }] : [];
  const window = mainWindow();
  if (!window) return [];
  if (kind === 'save') {
    const { filePath } = await dialog.showSaveDialog(window, { title, filters });
    return filePath ? [filePath] : [];
  }
  const { filePaths } = await dialog.showOpenDialog(window, { title, filters, properties: properties[kind]! });
  return filePaths;
}

/** Asks over the window. @returns the place of the button chosen; a question that is closed counts as its first, harmless one */
export async function ask(question: Pick<MessageBoxOptions, 'message' | 'detail' | 'buttons'>): Promise<number> {
  const options: MessageBoxOptions = { type: 'warning', defaultId: 0, cancelId: 0, noLink: true, ...question };
  const window = mainWindow();
  return (await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options))).response;
}
