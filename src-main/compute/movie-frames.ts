import { stat } from 'node:fs/promises';
import type { MovieRunToExtract } from '../../src-preload/shared/contract/compute-tasks';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { FrameStream } from '../../src-preload/shared/domain/frames';
import { hashFile } from '../files/hash';
import { inspectImages, listNumberedImages } from '../stimulus/image-folder';
import { probeVideo } from '../stimulus/video-probe';
import { streamVideo, type VideoStream } from '../stimulus/video-stream';

type Movie = MovieRunToExtract['movie'];

/**
 * All frames of TRs [start, end) of an imported movie, each with its TR, from the movie itself. Where the first of these TRs has no
 * frame of its own the frames before it come too.
 * @throws UserError where the movie is not what was imported any more, or is a folder of one image per TR
 */
export async function streamMovie(movie: Movie, start: number, end: number, signal: AbortSignal): Promise<VideoStream> {
  await checkSource(movie, signal);
  const { source: file, trSeconds, offsetSeconds, width, height } = movie;
  const information = await probeVideo(file, signal);
  const open = (from: number) =>
    streamVideo({ file, information, width, height, trs: { trSeconds, offsetSeconds, start: from, end } }, signal);
  const stream = open(start);
  const first = await stream.next(1);
  if (start === 0 || first.trs?.[0] === start) return { ...stream, next: pushBack(stream, first) };
  await stream.close();
  return open(0);
}

/** A stream's `next`, with frames that were read already coming first. */
function pushBack(stream: FrameStream, first: Awaited<ReturnType<FrameStream['next']>>): FrameStream['next'] {
  let pending: typeof first | undefined = first;
  return (most) => {
    const given = pending;
    pending = undefined;
    return given ? Promise.resolve(given) : stream.next(most);
  };
}

async function checkSource({ source, sourceHash }: Movie, signal: AbortSignal): Promise<void> {
  const isFolder = (await stat(source)).isDirectory();
  if (isFolder) {
    const { hash } = await inspectImages(await listNumberedImages(source), signal);
    if (hash !== sourceHash) throw changed(source);
    throw new UserError({
      code: 'setting-invalid',
      what: 'the movie run has images, not a video, so that there are no frames to average',
      file: source,
      remedy: 'use the last frame of each TR, or import the video',
    });
  }
  if ((await hashFile(source, signal)) !== sourceHash) throw changed(source);
}

function changed(file: string): UserError {
  return new UserError({
    code: 'file-changed',
    what: 'the movie has changed since it was imported',
    file,
    remedy: 'import it again',
  });
}
