import { spawn } from 'node:child_process';

/** The system's program that opens an address; undefined where there is no desktop: a browser of the terminal would use up the token. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): [string, ...string[]] | undefined {
  if (platform === 'win32') return ['cmd', '/c', 'start', '""', url];
  if (platform === 'darwin') return ['open', url];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open', url] : undefined;
}

/** Opens an address in the system's browser, where one is; the address is printed anyhow, so failures do not matter. */
export function openBrowser(url: string): void {
  const [command, ...args] = browserCommand(url, process.platform, process.env) ?? [];
  if (!command) return;
  const child = spawn(command, args, { stdio: 'ignore', detached: true, windowsVerbatimArguments: true });
  child.on('error', () => undefined);
  child.unref();
}
