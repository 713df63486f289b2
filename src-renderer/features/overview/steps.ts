import type { ProjectInfo } from '../../../src-preload/shared/contract/project-info';
import type { JobView } from '../../../src-preload/shared/contract/views';

/** One column of the board: a step of the method. */
export interface Step {
  title: string;
  side: 'brain' | 'network' | 'both';
  lines: string[];
  stale: string[];
  /** The jobs at work on it, in words; null when none is. */
  running: string | null;
  action: string;
  path: string;
  /** What must be there before the action makes sense; null when nothing is missing. */
  waitsFor: string | null;
  /** Whether this is the one next thing to do. */
  isNext: boolean;
}

const jobsOf: Record<string, string[]> = {
  fMRI: ['import-fmri', 'phantom'],
  Movie: ['import-movie'],
  Activations: ['import-model', 'extract'],
  Embedding: ['train'],
  Coupling: ['couple'],
};

/** The method as far as the project has come. */
// One table, a row for every step: cut up it would be harder to read.
// eslint-disable-next-line max-lines-per-function
export function describeSteps(info: ProjectInfo, active: readonly JobView[]): Step[] {
  const runs = info.subjects.reduce((sum, { runs: count }) => sum + count, 0);
  const movies = info.movieRuns.filter(({ movie }) => movie);
  const layers = info.models.flatMap((model) => model.layers);
  const extracted = layers.filter((layer) => layer.extractedMovieRuns > 0).length;
  const complete = info.embeddings.filter(({ state }) => state === 'complete');
  const isStale = (what: RegExp) =>
    info.stale.filter((one) => what.test(one.what)).map(({ what: name, why }) => `${name}: ${why}`);
  const step = (
    title: string,
    side: Step['side'],
    lines: string[],
    path: string,
    action: string,
    waitsFor: string | null,
    isDone: boolean,
  ) => ({
    ...{ title, side, lines, path, action, waitsFor, isDone },
    running:
      active.filter(({ type }) => jobsOf[title]!.includes(type)).map(({ type, progress }) => progress?.stage ?? type)[0] ?? null,
  });
  const steps = [
    step(
      'fMRI',
      'brain',
      [
        `${info.subjects.length} subjects, ${runs} runs`,
        info.mask ? `${info.mask.voxels.toLocaleString('en-US')} voxels in the mask` : 'no mask yet',
      ],
      '/data?action=import',
      'Import fMRI…',
      null,
      runs > 0,
    ),
    step(
      'Movie',
      'network',
      [`frames for ${movies.length} of ${info.movieRuns.length} movie runs`],
      '/movies?action=import',
      'Import movie…',
      null,
      movies.length > 0 && movies.length === info.movieRuns.length,
    ),
    step(
      'Activations',
      'network',
      [`${info.models.length} models, ${layers.length} layers`, `activations of ${extracted} layers`],
      info.models.length === 0 ? '/models?action=import' : '/models?action=extract',
      info.models.length === 0 ? 'Import model…' : 'Extract activations…',
      info.models.length > 0 && movies.length === 0 ? 'a movie' : null,
      extracted > 0,
    ),
    step(
      'Embedding',
      'brain',
      complete.length === 0
        ? ['no embedding yet']
        : complete.map(({ id, variant, fbns }) => `embedding ${id}: ${variant.toUpperCase()}, ${fbns} FBNs`),
      '/embedding?action=train',
      'Train…',
      runs === 0 ? 'fMRI' : null,
      complete.length > 0,
    ),
    step(
      'Coupling',
      'both',
      [`${info.couplings} couplings`],
      info.couplings > 0 ? '/coupling' : '/coupling?action=couple',
      info.couplings > 0 ? 'Show pairs' : 'Couple…',
      complete.length === 0 ? 'an embedding' : extracted === 0 ? 'activations' : null,
      info.couplings > 0,
    ),
  ];
  const stale: Record<string, string[]> = {
    fMRI: isStale(/^(?!embedding|pairs).* /).slice(0, 3),
    Embedding: isStale(/^embedding/).slice(0, 3),
    Coupling: isStale(/^pairs/).slice(0, 3),
  };
  const next = steps.find(({ isDone, waitsFor }) => !isDone && waitsFor === null);
  return steps.map(({ isDone: _done, ...one }) => ({ ...one, stale: stale[one.title] ?? [], isNext: one.title === next?.title }));
}
