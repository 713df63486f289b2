import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import { inputArguments, startFfmpeg, type LogLine } from './ffmpeg';

/** What a video's container says, before a frame is decoded. */
export interface VideoInformation {
  /** Pixels across and down as displayed, i.e. after the rotation that a phone's video asks for. */
  width: number;
  height: number;
  /** As declared, in frames per second; absent where the container does not say. */
  framesPerSecond?: number;
  /** As declared, in seconds, for the longest of picture and sound; absent where the container does not say. */
  durationSeconds?: number;
  /** The option of this FFmpeg that keeps every frame with its own timestamp. */
  passthrough: readonly string[];
}

/**
 * Asks FFmpeg what is in a file.
 * @throws UserError when it is missing, no video, or has no picture
 */
export async function probeVideo(file: string, signal: AbortSignal): Promise<VideoInformation> {
  const information = await stat(file);
  if (!information.isFile())
    throw new UserError({ code: 'file-kind', what: 'this is a folder, not a video', file, remedy: 'pass it with --frames' });
  if (information.size === 0) throw new UserError({ code: 'file-damaged', what: 'the video is empty', file, found: '0 bytes' });
  const lines: LogLine[] = [];
  const process = startFfmpeg(inputArguments(file), { signal, onLine: (line) => lines.push(line) });
  process.output.resume();
  await process.finished;
  throwIfCancelled(signal);
  // Without an output FFmpeg always ends with an error; whether the input was read shows in its "Input #0" line.
  if (!lines.some((line) => line.text.startsWith('Input #0'))) throw await notAVideo(file, lines);
  const stream = parseStream(lines);
  if (!stream) {
    throw new UserError({
      code: 'file-kind',
      what: 'the file has no picture',
      file,
      expected: 'a video stream',
      found: 'sound or data only',
      remedy: 'name the file that holds the movie',
    });
  }
  const durationSeconds = parseDuration(lines);
  return { ...stream, ...(durationSeconds !== undefined && { durationSeconds }), passthrough: passthroughOption(lines) };
}

function parseStream(lines: readonly LogLine[]): Pick<VideoInformation, 'width' | 'height' | 'framesPerSecond'> | undefined {
  const index = lines.findIndex(({ text }) => /^\s*Stream #0:\d+.*?: Video: /.test(text) && !text.includes('(attached pic)'));
  const text = lines[index]?.text ?? '';
  const size = /, (\d{1,5})x(\d{1,5})\b/.exec(text);
  if (!size) return undefined;
  const width = Number(size[1]);
  const height = Number(size[2]);
  const rate = /, ([\d.]+)(k?) fps\b/.exec(text);
  const framesPerSecond = rate ? Number(rate[1]) * (rate[2] ? 1000 : 1) : undefined;
  return {
    ...(isOnItsSide(lines, index) ? { width: height, height: width } : { width, height }),
    ...(framesPerSecond && { framesPerSecond }),
  };
}

/** Whether the stream's display matrix turns it by a quarter; FFmpeg turns the frames by itself. */
function isOnItsSide(lines: readonly LogLine[], streamIndex: number): boolean {
  for (const { text } of lines.slice(streamIndex + 1)) {
    if (/^\s*Stream #/.test(text)) return false;
    const rotation = /displaymatrix: rotation of (-?[\d.]+) degrees/.exec(text);
    if (rotation) return Math.round(Number(rotation[1]) / 90) % 2 !== 0;
  }
  return false;
}

function parseDuration(lines: readonly LogLine[]): number | undefined {
  for (const { text } of lines) {
    const match = /^\s*Duration: (\d+):(\d+):([\d.]+)/.exec(text);
    if (match) return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
  }
  return undefined;
}

/** `-vsync` was renamed in FFmpeg 5.1 and is to go; libavformat 60 came with FFmpeg 6. */
function passthroughOption(lines: readonly LogLine[]): readonly string[] {
  const version = lines.map(({ text }) => /^\s*libavformat\s+(\d+)\./.exec(text)?.[1]).find(Boolean);
  return Number(version ?? 0) >= 60 ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'];
}

async function notAVideo(file: string, lines: readonly LogLine[]): Promise<UserError> {
  const last = lastError(lines, file);
  return new UserError({
    code: 'file-kind',
    what: 'this is not a video that FFmpeg can read',
    file,
    found: (await looksLikeText(file)) ? 'a text file' : `FFmpeg says "${last}"`,
    remedy: 'name a video file, or copy it again if it was cut short',
  });
}

async function looksLikeText(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    // Tab, line feed, carriage return, and everything from the space on; bytes above 127 are UTF-8.
    return buffer
      .subarray(0, bytesRead)
      .every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
  } finally {
    await handle.close();
  }
}

/** FFmpeg's own words: the most telling error line (a component's, such as "moov atom not found"), without the path. */
export function lastError(lines: readonly LogLine[], file: string): string {
  const errors = lines.filter(({ level }) => ['error', 'fatal', 'panic'].includes(level));
  const telling = errors.filter(({ component }) => component !== '').at(-1) ?? errors.at(-1) ?? lines.at(-1);
  const text = telling?.text ?? 'nothing';
  return text
    .replace(/^file:.*?: (?=[A-Z])/, '')
    .replaceAll(basename(file), '')
    .trim();
}
