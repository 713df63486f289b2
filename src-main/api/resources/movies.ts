import sharp from 'sharp';
import { openFramesFile } from '../../files/frames-file';
import type { Project } from '../../project/project';
import { listMovies, type Movie } from '../../project/queries/movie-runs';
import { fileResponse } from './file-response';
import { bytes, numbers, present, type ResourceRoute } from './resource';

const NARROWEST = 16;
const WIDEST = 1024;

export const movieResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/movies\/(\d+)\/frames\/(\d+)\.jpg$/,
    async answer(project, [movieRun, tr], { url }) {
      const movie = movieOf(project, movieRun!);
      const frame = Number(tr);
      present(frame < movie.frames ? frame : undefined, `there is no frame ${frame}`);
      const file = await openFramesFile(project.path(movie.file));
      try {
        const pixels = await file.read(frame, 1);
        const { width, height } = movie;
        const wanted = Number(url.searchParams.get('width') ?? width);
        const scaled = Number.isFinite(wanted) ? Math.min(WIDEST, Math.max(NARROWEST, Math.round(wanted))) : width;
        const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
        const jpeg = await picture.resize({ width: scaled, withoutEnlargement: true }).jpeg({ quality: 85 }).toBuffer();
        return bytes(jpeg, 'image/jpeg', 'private, max-age=600');
      } finally {
        await file.close();
      }
    },
  },
  {
    pattern: /^\/resource\/movies\/(\d+)\/times\.f64$/,
    async answer(project, [movieRun]) {
      const file = await openFramesFile(project.path(movieOf(project, movieRun!).file));
      const { times } = file.header;
      await file.close();
      return numbers(Float64Array.from(times), [times.length]);
    },
  },
  {
    pattern: /^\/resource\/movies\/(\d+)\/video$/,
    answer: (project, [movieRun], { request }) => fileResponse(movieOf(project, movieRun!).source, request),
  },
];

function movieOf({ database }: Project, movieRun: string): Movie {
  const found = listMovies(database).find((movie) => movie.movieRunId === Number(movieRun));
  return present(found, 'this movie run has no frames');
}
