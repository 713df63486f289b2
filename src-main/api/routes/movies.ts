import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import sharp from 'sharp';
import type { MovieProbe, MovieView } from '../../../src-preload/shared/contract/views';
import type { ParsedRouteInput } from '../../../src-preload/shared/contract/routes';
import type { Project } from '../../project/project';
import { listMovieRuns, listMovies, type Movie } from '../../project/queries/movie-runs';
import { listRuns } from '../../project/queries/runs';
import { listImages } from '../../stimulus/image-folder';
import { probeVideo } from '../../stimulus/video-probe';
import type { RouteHandlers } from '../requests';

export const movieRoutes: Pick<RouteHandlers, 'movies.list' | 'movies.probe'> = {
  'movies.list': (_input, workstation) => viewMovies(workstation.project.project),
  'movies.probe': (input, workstation) => probe(workstation.project.project, input),
};

function viewMovies({ database }: Project): MovieView[] {
  const movies = new Map(listMovies(database).map((movie) => [movie.movieRunId, movie]));
  const runs = Map.groupBy(listRuns(database), (run) => run.movieRun);
  return listMovieRuns(database).map(({ id, name, trSeconds, timePoints, trimmed }) => {
    const lengths = Map.groupBy(runs.get(name) ?? [], (run) => run.volumes);
    const movie = movies.get(id);
    return {
      ...{ id, movieRun: name, trSeconds, timePoints, trimmed },
      runLengths: [...lengths].map(([volumes, same]) => ({ volumes, runs: same.length })).sort((a, b) => b.runs - a.runs),
      movie: movie ? viewMovie(movie) : null,
    };
  });
}

function viewMovie(movie: Movie): NonNullable<MovieView['movie']> {
  const { source, frames, width, height, trSeconds, offsetSeconds, importedAt } = movie;
  return {
    ...{ source, frames, width, height, trSeconds, offsetSeconds, importedAt },
    sourceExists: existsSync(source),
    isVideo: extname(source) !== '',
    summary: plainSummary(movie.summary),
  };
}

/** A summary without its long lists: those are resources. */
function plainSummary(summary: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(summary as Record<string, unknown>).filter(([, value]) => !isLongList(value)));
}

function isLongList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 8 && value.every((one) => typeof one === 'number');
}

async function probe({ database }: Project, input: ParsedRouteInput<'movies.probe'>): Promise<MovieProbe> {
  const { movieRun, source, trSeconds, offsetSeconds } = input;
  const found = 'video' in source ? await probeVideoFile(source.video) : await probeImages(source, trSeconds);
  const frames = Math.max(0, Math.floor((found.durationSeconds - offsetSeconds) / trSeconds + 1e-6));
  const volumes = listRuns(database)
    .filter((run) => run.movieRun === movieRun)
    .map((run) => run.volumes);
  const runVolumes = volumes.length > 0 ? Math.min(...volumes) : null;
  const remarks: string[] = [];
  if (found.durationSeconds === 0) remarks.push('the video does not say how long it is; its length is found at the import');
  else if (runVolumes !== null && runVolumes !== frames)
    remarks.push(
      `this gives ${frames} frames, the runs have ${runVolumes} volumes: check the TR and the offset, or cut to the shortest`,
    );
  return { ...found, frames, runVolumes, remarks };
}

type Found = Pick<MovieProbe, 'source' | 'width' | 'height' | 'durationSeconds' | 'framesPerSecond'>;

async function probeVideoFile(video: string): Promise<Found> {
  const { width, height, durationSeconds = 0, framesPerSecond = 0 } = await probeVideo(video, AbortSignal.timeout(60_000));
  return { source: video, width, height, durationSeconds, framesPerSecond };
}

/** Images follow one another at their rate; without one, each is the frame of one TR. */
async function probeImages(source: { folder: string; framesPerSecond?: number | undefined }, trSeconds: number): Promise<Found> {
  const images = await listImages(source.folder);
  const { width = 0, height = 0 } = await sharp(images[0]).metadata();
  const framesPerSecond = source.framesPerSecond ?? 1 / trSeconds;
  return { source: source.folder, width, height, durationSeconds: images.length / framesPerSecond, framesPerSecond };
}
