/** Electron's binary, if it is on this machine: ELECTRON_EXEC_PATH, else that of the npm package. */
export function electronBinary(root: string, env: Readonly<Record<string, string | undefined>>): string | undefined;

/** What `npm start` starts: the desktop window, else the browser host on the project named, else on the phantom. */
export function startCommand(options: { root: string; node: string; binary?: string | undefined; folder?: string | undefined }): {
  note?: string;
  command: string;
  args: string[];
};
