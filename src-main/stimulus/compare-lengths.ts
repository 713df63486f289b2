import { UserError } from '../../src-preload/shared/domain/errors';

/** How the frames of a movie run and the volumes of its scan were brought to one length; kept with the run. */
export interface LengthRecord {
  frames: number;
  volumes: number;
  /** The first this many of each are used. */
  used: number;
  droppedFrames: number;
  droppedVolumes: number;
}

/**
 * A movie run and its scan must have one frame per volume.
 * @param lengths.trim cut the longer of the two at its end instead of refusing
 * @throws UserError with both lengths when they differ and trimming was not asked for
 */
export function compareLengths(lengths: { frames: number; runVolumes: number; trSeconds: number; trim: boolean }): LengthRecord {
  const { frames, runVolumes, trSeconds, trim } = lengths;
  const used = Math.min(frames, runVolumes);
  if (frames !== runVolumes && (!trim || used === 0)) {
    throw new UserError({
      what: 'the movie run and its scan differ in length',
      expected: `one frame per volume: ${runVolumes} volumes (${inSeconds(runVolumes, trSeconds)})`,
      found: `${frames} frames (${inSeconds(frames, trSeconds)})`,
      remedy: used === 0 ? 'import both again' : `check the TR and the offset, or pass --trim to use the first ${used} of each`,
    });
  }
  return { frames, volumes: runVolumes, used, droppedFrames: frames - used, droppedVolumes: runVolumes - used };
}

function inSeconds(count: number, trSeconds: number): string {
  return `${Number((count * trSeconds).toFixed(2))} s`;
}
