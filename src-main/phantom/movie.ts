import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { UNFINISHED_SUFFIX } from '../files/unfinished';
import { locateFfmpeg } from '../stimulus/ffmpeg';
import { drawFrames } from './movie-frames';
import type { Random } from './random';
import { createScene, FRAME_HEIGHT, FRAME_WIDTH, type Scene } from './scene';

/** Frames per second of the phantom's movies. */
export const FRAMES_PER_SECOND = 8;

/** A scene and when it begins, in seconds from the start of the movie. */
export interface TimedScene extends Scene {
  start: number;
}

/** Scenes one after the other until the movie is full; cuts lie on frames, not on TRs. */
export function createScenes(random: Random, seconds: number): TimedScene[] {
  const scenes: TimedScene[] = [];
  for (let start = 0; start < seconds;) {
    const scene = createScene(random);
    const length = Math.round(scene.seconds * FRAMES_PER_SECOND) / FRAMES_PER_SECOND;
    scenes.push({ ...scene, seconds: length, start });
    start += length;
  }
  return scenes;
}

/**
 * Draws scenes and encodes them as an H.264 video (MP4, 320 × 180 pixels).
 * @param seconds length of the movie
 */
export async function writeMovie(
  path: string,
  scenes: readonly TimedScene[],
  seconds: number,
  context: WorkContext,
): Promise<void> {
  const temporary = path.replace(/\.mp4$/, `${UNFINISHED_SUFFIX}.mp4`);
  const encoder = startEncoder(temporary);
  try {
    const total = Math.round(seconds * FRAMES_PER_SECOND);
    let done = 0;
    for (const scene of scenes) {
      const count = Math.min(Math.round(scene.seconds * FRAMES_PER_SECOND), total - done);
      for await (const frame of drawFrames(scene, FRAMES_PER_SECOND, count)) {
        throwIfCancelled(context.signal);
        await encoder.write(frame);
        done++;
      }
      context.progress({ stage: 'drawing the movie', done, total, unit: 'frames' });
    }
    await encoder.finish();
    await rename(temporary, path);
  } catch (caught) {
    encoder.stop();
    await rm(temporary, { force: true });
    throw caught;
  }
}

interface Encoder {
  write(frame: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  stop(): void;
}

/** FFmpeg reading raw frames from its standard input; bit-exact, so that the same seed gives the same file. */
function startEncoder(path: string): Encoder {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${FRAME_WIDTH}x${FRAME_HEIGHT}`,
    '-r',
    `${FRAMES_PER_SECOND}`,
    '-i',
    'pipe:0',
  ];
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '16', '-pix_fmt', 'yuv420p', '-threads', '1'];
  const container = ['-fflags', '+bitexact', '-flags', '+bitexact', '-movflags', '+faststart', '-y', `file:${path}`];
  const child = spawn(locateFfmpeg(), ['-nostats', '-loglevel', 'error', ...input, ...codec, ...container], {
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`FFmpeg could not encode the movie: ${complaints.trim()}`)),
    );
  });
  ended.catch(() => {});
  // A broken pipe is told by the exit status, with FFmpeg's own words.
  child.stdin.on('error', () => {});
  return {
    async write(frame) {
      // The frame's memory is used again at once, so the pipe gets its own copy.
      if (!child.stdin.write(Buffer.from(frame))) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    async finish() {
      child.stdin.end();
      await ended;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
