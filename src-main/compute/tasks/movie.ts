import { hashFile } from '../../files/hash';
import { importMovie } from '../../stimulus/import-movie';
import type { TaskHandler } from '../process';

/** Decodes a movie run's frames into a frames file. */
export const importMovieTask: TaskHandler<'import-movie'> = async (input, context) => {
  const { source, ...rest } = input;
  const plainSource =
    'video' in source
      ? source
      : { folder: source.folder, ...(source.framesPerSecond && { framesPerSecond: source.framesPerSecond }) };
  const {
    count,
    width,
    height,
    sourceHash,
    times: _times,
    ...summary
  } = await importMovie({ ...rest, source: plainSource }, context);
  return { count, width, height, sourceHash, fileHash: await hashFile(input.output, context.signal), summary: { ...summary } };
};
