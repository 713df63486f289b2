import { figureSpec } from '../../../src-preload/shared/contract/figures';
import type { ClipResult, ClipTask } from '../../../src-preload/shared/contract/report';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { runInComputeProcess } from '../../jobs/compute-process';
import type { Project } from '../../project/project';
import { findMovie } from '../../project/queries/movie-runs';
import { findUnchangedSourceHash } from '../../project/queries/sources';
import { clipEnding } from '../../stimulus/encode-clip';
import { prepareFigure } from '../figures/prepare';

export interface ClipChoice {
  embedding?: number | undefined;
  /** The best pair where left out. */
  pair?: { fbn: number; model: string; layer: string; filter: number; movieRun: string } | undefined;
  fromSeconds?: number | undefined;
  /** A minute after the start where left out, or the run's end. */
  toSeconds?: number | undefined;
  withFrames: boolean;
}

const USUAL_SECONDS = 60;

/** Makes a video of a stretch of a movie run with a pair's map and activations; it appears whole or not at all. */
export async function exportClip(
  project: Project,
  file: string,
  choice: ClipChoice,
  context: WorkContext,
): Promise<{ file: string } & ClipResult> {
  const made = (await runInComputeProcess('clip', await prepareClip(project, file, choice), context)) as ClipResult;
  return { file, ...made };
}

async function prepareClip(
  project: Project,
  file: string,
  { embedding, pair, withFrames, ...stretch }: ClipChoice,
): Promise<ClipTask> {
  clipEnding(file);
  const spec = figureSpec.parse({
    ...{ kind: 'pairs', best: 1, frames: 'drop', imageCount: 0 },
    ...(embedding !== undefined && { embedding }),
    ...(pair && { rows: [pair] }),
  });
  const { pairs, brain, provenance } = await prepareFigure(project, spec, 'svg');
  const [source] = pairs!;
  const { timePoints, trSeconds, movieRun } = source!;
  const { fromSeconds, toSeconds } = checkStretch(stretch, timePoints * trSeconds, movieRun);
  const movie = findMovie(project.database, movieRun)!;
  const isVideo = findUnchangedSourceHash(project.database, movie.source) === movie.sourceHash;
  return {
    ...{
      file,
      pair: source!,
      brain: brain!,
      activations: project.activationsFile,
      fromSeconds,
      toSeconds,
      isBlurred: !withFrames,
    },
    video: isVideo ? { file: movie.source, offsetSeconds: movie.offsetSeconds } : null,
    provenance: {
      ...(provenance as object),
      fromSeconds,
      toSeconds,
      movie: movie.sourceHash,
      frames: withFrames ? 'shown' : 'blurred',
    },
  };
}

function checkStretch(
  { fromSeconds = 0, toSeconds }: Pick<ClipChoice, 'fromSeconds' | 'toSeconds'>,
  end: number,
  movieRun: string,
) {
  const to = toSeconds ?? Math.min(end, fromSeconds + USUAL_SECONDS);
  if (fromSeconds < to && to <= end) return { fromSeconds, toSeconds: to };
  throw new UserError({
    code: 'not-found',
    what: 'there is no such stretch of the movie',
    expected: `a start before its end, within 0 to ${end} s of ${movieRun}`,
    found: `${fromSeconds} to ${to} s`,
    remedy: 'name another start or end',
  });
}
