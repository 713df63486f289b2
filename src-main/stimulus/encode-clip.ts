import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { removeAbandoned, unfinishedPath } from '../files/unfinished';
import { inputArguments, startFfmpeg, type LogLine } from './ffmpeg';
import { lastError } from './video-probe';

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A video of a movie's stretch on a picture that stands still, with a cursor that goes through a plot of it. */
export interface ClipRequest {
  /** .mp4 (H.264) or .webm (VP9). */
  file: string;
  /** PNG of the whole size. */
  picture: string;
  /** Where the stretch is read from: a video, or frames of a fixed rate as raw RGB in a file. */
  source: { video: string } | { frames: string; width: number; height: number; framesPerSecond: number };
  /** Within the video; of frames the first one is its start. */
  startSeconds: number;
  seconds: number;
  movie: Place;
  plot: Place;
  /** Whether the movie can be recognised. */
  isBlurred: boolean;
  title: string;
  /** JSON, kept in the file's metadata. */
  provenance: string;
}

export const clipEndings = ['.mp4', '.webm'] as const;
export const CLIP_FRAMES_PER_SECOND = 25;

const encoders: Record<(typeof clipEndings)[number], string[]> = {
  '.mp4': ['-c:v', 'libx264', '-preset', 'medium', '-crf', '20', '-movflags', '+faststart', '-f', 'mp4'],
  '.webm': ['-c:v', 'libvpx-vp9', '-crf', '32', '-b:v', '0', '-deadline', 'good', '-cpu-used', '4', '-row-mt', '1', '-f', 'webm'],
};

/** @throws UserError where a file's ending says neither format */
export function clipEnding(file: string): (typeof clipEndings)[number] {
  const ending = extname(file).toLowerCase();
  const found = clipEndings.find((one) => one === ending);
  if (found) return found;
  throw new UserError({
    code: 'format-unknown',
    what: 'the ending of the file does not say a format for clips',
    ...{ file, expected: clipEndings.join(' or '), found: ending || 'none' },
    remedy: 'name it like clip.mp4',
  });
}

/**
 * Encodes a clip without sound; the file appears whole or not at all.
 * @throws UserError with FFmpeg's own words when the movie cannot be read
 */
export async function encodeClip(request: ClipRequest, { signal, progress }: WorkContext): Promise<void> {
  const ending = clipEnding(request.file);
  await removeAbandoned(request.file);
  const unfinished = unfinishedPath(request.file);
  const lines: LogLine[] = [];
  const parameters = [...clipArguments(request), ...encoders[ending], '-progress', 'pipe:1', '-y', `file:${unfinished}`];
  try {
    const process = startFfmpeg(parameters, { signal, onLine: (line) => void (lines.push(line) > 500 && lines.shift()) });
    process.output.setEncoding('utf8');
    for await (const chunk of process.output as AsyncIterable<string>) {
      const microseconds = /out_time_ms=(\d+)/.exec(chunk)?.[1];
      if (microseconds === undefined) continue;
      const done = Math.min(request.seconds, Number(microseconds) / 1e6);
      progress({ stage: 'encoding the clip', done: Math.round(done), total: Math.round(request.seconds), unit: 'seconds' });
    }
    const exitCode = await process.finished;
    throwIfCancelled(signal);
    if (exitCode !== 0) throw cannotEncode(request, lines);
    await rename(unfinished, request.file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function cannotEncode({ source, file }: ClipRequest, lines: readonly LogLine[]): UserError {
  const from = 'video' in source ? source.video : source.frames;
  return new UserError({
    code: 'ffmpeg-failed',
    what: 'the clip cannot be made',
    file,
    found: `FFmpeg says "${lastError(lines, from)}"`,
    remedy: 'check that the movie’s video can be played, and that there is room on the disk',
  });
}

/** Inputs, filters and metadata: the picture, on it the movie, on both the cursor. */
export function clipArguments(request: ClipRequest): string[] {
  const { source, startSeconds, seconds, title, provenance } = request;
  const stretch = ['-ss', String(startSeconds), '-t', String(seconds)];
  const movie =
    'video' in source
      ? [...stretch, ...inputArguments(source.video)]
      : [
          ...['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${source.width}x${source.height}`],
          ...['-framerate', String(source.framesPerSecond), '-i', `file:${source.frames}`],
        ];
  return [
    ...['-f', 'png_pipe', '-i', `file:${request.picture}`, ...movie],
    ...['-filter_complex', filterGraph(request), '-map', '[clip]', '-an', '-t', String(seconds)],
    ...['-map_metadata', '-1', '-metadata', `title=${title}`, '-metadata', `comment=${provenance}`],
  ];
}

function filterGraph({ movie, plot, seconds, isBlurred }: ClipRequest): string {
  const rate = CLIP_FRAMES_PER_SECOND;
  // A tenth of the height, as in figures: shapes and colours stay, faces and writing do not. Made on a smaller picture, which is faster.
  const blur = isBlurred ? `,scale=iw/4:ih/4,gblur=sigma=${(movie.height / 80).toFixed(3)}:steps=3,scale=iw*4:ih*4` : '';
  const place = `scale=${movie.width}:${movie.height}:force_original_aspect_ratio=decrease`;
  return [
    `[0:v]loop=loop=-1:size=1,setpts=N/(${rate}*TB),fps=${rate},trim=duration=${seconds}[picture]`,
    `[1:v]setpts=PTS-STARTPTS,fps=${rate},${place}${blur},pad=${movie.width}:${movie.height}:(ow-iw)/2:(oh-ih)/2:color=white,setsar=1[movie]`,
    `color=c=0x16181c:s=2x${plot.height}:r=${rate}:d=${seconds}[cursor]`,
    // A movie that ends early leaves its last frame.
    `[picture][movie]overlay=x=${movie.x}:y=${movie.y}:eof_action=repeat[shown]`,
    `[shown][cursor]overlay=x='${plot.x}+${plot.width}*t/${seconds}-1':y=${plot.y}:eof_action=repeat,format=yuv420p[clip]`,
  ].join(';');
}
