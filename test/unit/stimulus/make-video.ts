import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateFfmpeg } from '../../../src-main/stimulus/ffmpeg';

export const WIDTH = 32;
export const HEIGHT = 24;

/** A fresh folder for a test's files. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'syncact-stimulus-'));
}

/** The colour of frame k: red and green count, so that each of 256 frames is told from the others. */
export function frameColour(k: number): [number, number, number] {
  return [(k % 16) * 16 + 8, Math.floor(k / 16) * 16 + 8, 128];
}

/** The frame whose colour this picture's first pixel has. */
export function frameNumber(pixels: Uint8Array): number {
  return Math.floor(pixels[0]! / 16) + 16 * Math.floor(pixels[1]! / 16);
}

/**
 * Writes a lossless video of one-coloured frames, frame k in frameColour(k).
 * @param parameters FFmpeg's output options: filters that move timestamps, codecs, the container by the path's ending
 */
export function makeVideo(path: string, frames: number, framesPerSecond: number, parameters: readonly string[] = []): string {
  const pixels = Buffer.alloc(frames * WIDTH * HEIGHT * 3);
  for (let k = 0; k < frames; k++) {
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) pixels.set(frameColour(k), (k * WIDTH * HEIGHT + pixel) * 3);
  }
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${WIDTH}x${HEIGHT}`,
    '-r',
    String(framesPerSecond),
    '-i',
    'pipe:0',
  ];
  const codec = parameters.includes('-c:v') ? [] : ['-c:v', 'libx264rgb', '-crf', '0', '-g', '12'];
  runFfmpeg([...input, ...codec, ...parameters, path], pixels);
  return path;
}

/** Runs FFmpeg to its end; fails the test when it fails. */
export function runFfmpeg(parameters: readonly string[], input?: Buffer): void {
  const { status, stderr } = spawnSync(locateFfmpeg(), ['-y', '-loglevel', 'error', ...parameters], { ...(input && { input }) });
  if (status !== 0) throw new Error(`FFmpeg failed: ${stderr.toString()}`);
}
