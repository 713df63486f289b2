import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';

const BINARY = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';

/** Containers of single videos. Playlists and scripts (hls, concat, image2), which open further files, are left out. */
const FORMATS =
  'mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,h264,hevc,m4v,flv,asf,ogg,mxf,gif,ivf,dv,nut,av1,obu,rm,wtv,yuv4mpegpipe';

/**
 * The FFmpeg to run: the one SYNCACT_FFMPEG names, else the one inside the npm package, else `ffmpeg` on PATH.
 * @throws UserError when none of them can be run
 */
export function locateFfmpeg(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.SYNCACT_FFMPEG;
  if (named) {
    if (isExecutable(named)) return named;
    throw new UserError({
      code: 'ffmpeg-failed',
      what: 'the FFmpeg that SYNCACT_FFMPEG names cannot be run',
      file: named,
      expected: 'an executable file',
      remedy: 'correct SYNCACT_FFMPEG or unset it',
    });
  }
  const found = [bundledFfmpeg(), ...ffmpegsOnPath(environment.PATH)].find((path) => path !== undefined && isExecutable(path));
  if (found) return found;
  throw new UserError({
    code: 'ffmpeg-failed',
    what: 'FFmpeg is missing, so that no video can be read',
    remedy: 'install FFmpeg, or set SYNCACT_FFMPEG to its path, or import a folder of frames instead of a video',
  });
}

/** The binary of @ffmpeg-installer; its own index.js is not used because it throws plain strings. */
function bundledFfmpeg(): string | undefined {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = dirname(require.resolve(`@ffmpeg-installer/${process.platform}-${process.arch}/package.json`));
  } catch {
    return undefined;
  }
  // Inside an Electron archive a binary cannot be run; electron-builder unpacks it beside the archive.
  const binary = join(folder.replace(/app\.asar(?=[/\\])/, 'app.asar.unpacked'), BINARY);
  makeExecutable(binary);
  return binary;
}

/** The package sets the mode in an install script, and install scripts are switched off. */
function makeExecutable(binary: string): void {
  if (isExecutable(binary)) return;
  try {
    chmodSync(binary, 0o755);
  } catch {
    // Missing, or a read-only installation: the caller sees that it is not executable and looks further.
  }
}

function ffmpegsOnPath(searchPath = ''): string[] {
  return searchPath
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, BINARY));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A line that FFmpeg logged. */
export interface LogLine {
  /** The filter, demuxer or decoder that speaks: "Parsed_showinfo_2"; empty for FFmpeg itself. */
  component: string;
  /** "info", "warning", "error", "fatal", … */
  level: string;
  text: string;
}

/** Makes the log one that parseLogLine reads, and keeps FFmpeg from the terminal. */
export const LOG_ARGUMENTS = ['-nostdin', '-nostats', '-loglevel', 'repeat+level+info'] as const;

/** A running FFmpeg. */
export interface FfmpegProcess {
  /** What it writes; must be read to its end, or `stop` be called. */
  readonly output: Readable;
  /** Resolves with the exit status once it has ended and its log is complete; rejects when it could not be started. */
  readonly finished: Promise<number | null>;
  /** Ends it at once; harmless when it has ended. */
  stop(): void;
}

/**
 * The arguments that open a user's file: as a file only, whatever its name looks like, never over a network, never as a
 * playlist or script that would open other files.
 */
export function inputArguments(file: string): string[] {
  return ['-protocol_whitelist', 'file,pipe', '-format_whitelist', FORMATS, '-i', `file:${resolve(file)}`];
}

/**
 * Starts FFmpeg without a terminal. Its log is read as it comes, so that it never blocks on it.
 * @param options.signal ends it when aborted
 */
export function startFfmpeg(
  parameters: readonly string[],
  options: { signal: AbortSignal; onLine: (line: LogLine) => void },
): FfmpegProcess {
  throwIfCancelled(options.signal);
  const child = spawn(locateFfmpeg(), [...LOG_ARGUMENTS, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stop = () => void child.kill('SIGKILL');
  options.signal.addEventListener('abort', stop, { once: true });
  readLines(child.stderr, (line) => options.onLine(parseLogLine(line)));
  const finished = new Promise<number | null>((resolve, reject) => {
    child.once('error', (caught) => reject(cannotStart(caught)));
    child.once('close', (code) => resolve(code));
  }).finally(() => options.signal.removeEventListener('abort', stop));
  // Whoever stops reading early does not wait for the end either.
  finished.catch(() => {});
  return { output: child.stdout, finished, stop };
}

function cannotStart(caught: Error): UserError {
  return new UserError({
    code: 'ffmpeg-failed',
    what: 'FFmpeg cannot be started',
    found: caught.message,
    remedy: 'set SYNCACT_FFMPEG to a working FFmpeg',
  });
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    lines.filter(Boolean).forEach(onLine);
  });
  stream.on('end', () => {
    if (rest) onLine(rest);
  });
}

/** Splits "[h264 @ 0x55] [error] text" into its parts. */
export function parseLogLine(line: string): LogLine {
  const match = /^((?:\[[^\]]* @ [^\]]*\] ?)*)\[(\w+)\] ?(.*)$/.exec(line);
  if (!match) return { component: '', level: 'info', text: line };
  const component = /\[([^\]]*) @ /.exec(match[1] ?? '')?.[1] ?? '';
  return { component, level: match[2] ?? 'info', text: match[3] ?? '' };
}
