import type { ProjectInfo, StaleThing } from '../../../src-preload/shared/contract/project-info';
import type { CurationProgress } from '../../../src-preload/shared/contract/annotation-views';
import type { JobView } from '../../../src-preload/shared/contract/views';
import { variantName } from '../../../src-preload/shared/domain/variant-name';

/** One column of the board: a step of the method. */
export interface Step {
  title: string;
  side: 'brain' | 'network' | 'both';
  /** What is there, as names and values. */
  facts: { what: string; value: string }[];
  status: { status: 'done' | 'stale' | 'running' | 'waiting'; text: string };
  /** What is stale of it, and why. */
  stale: string[];
  /** The job at work on it; null when none is. */
  running: { text: string; share: number | null } | null;
  action: string;
  path: string;
  /** What must be there before the action makes sense; null when nothing is missing. */
  waitsFor: string | null;
  /** Whether this is the one next thing to do. */
  isNext: boolean;
}

type Plan = Pick<Step, 'title' | 'side' | 'action' | 'path' | 'waitsFor'> & {
  facts: [string, string | number][];
  isDone: boolean;
  jobs: string[];
  /** The step of the stale things that belong to it; null where none do. */
  owns: StaleThing['step'] | null;
};

const count = (value: number) => value.toLocaleString('en-US');

/** The method as far as the project has come. @param curation undefined while it is not known */
export function describeSteps(info: ProjectInfo, active: readonly JobView[], curation?: CurationProgress): Step[] {
  const plans = [
    ...[planData(info), planMovie(info), planActivations(info), planEmbedding(info), planCoupling(info)],
    ...[planSemantics(info), planCuration(info, curation)],
  ];
  const next = plans.find(({ isDone, waitsFor }) => !isDone && waitsFor === null);
  return plans.map((plan) => {
    const { title, side, action, path, waitsFor, isDone, jobs, owns } = plan;
    const job = active.find(({ type }) => jobs.includes(type) || (type === 'phantom' && !isDone && plan === next));
    const stale = info.stale.filter(({ step }) => step === owns).map(({ what, why }) => `${nameOf(what)}: ${why}`);
    return {
      ...{ title, side, action, path, waitsFor, stale },
      facts: plan.facts.map(([what, value]) => ({ what, value: typeof value === 'number' ? count(value) : value })),
      running: job ? { text: job.progress?.stage ?? job.type, share: shareOf(job) } : null,
      status: statusOf(isDone, stale.length, job !== undefined),
      isNext: plan === next,
    };
  });
}

/** A path by its last name: a step is too narrow for more, and the list below has all of it. */
function nameOf(what: string): string {
  return /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(what) ? (what.split(/[\\/]/).findLast((name) => name !== '') ?? what) : what;
}

function statusOf(isDone: boolean, stale: number, isRunning: boolean): Step['status'] {
  if (isRunning) return { status: 'running', text: 'running' };
  if (stale > 0) return { status: 'stale', text: `${count(stale)} stale` };
  return isDone ? { status: 'done', text: 'done' } : { status: 'waiting', text: 'open' };
}

function shareOf({ progress }: JobView): number | null {
  return progress && progress.total > 0 ? progress.done / progress.total : null;
}

function planData({ subjects, mask }: ProjectInfo): Plan {
  const runs = subjects.reduce((sum, subject) => sum + subject.runs, 0);
  const part = (split: string) => subjects.filter((subject) => subject.split === split).length;
  return {
    ...{ title: 'fMRI', side: 'brain', path: '/data?action=import', action: 'Import fMRI…', waitsFor: null, isDone: runs > 0 },
    facts: [
      ['subjects', subjects.length],
      ['runs', runs],
      ['split', `${part('train')} / ${part('validation')} / ${part('test')}`],
      ['voxels in the mask', mask?.voxels ?? '–'],
    ],
    jobs: ['import-fmri'],
    owns: 'data',
  };
}

function planMovie({ movieRuns }: ProjectInfo): Plan {
  const movies = movieRuns.filter(({ movie }) => movie);
  return {
    ...{ title: 'Movie', side: 'network', path: '/movies?action=import', action: 'Import movie…', waitsFor: null },
    isDone: movies.length > 0 && movies.length === movieRuns.length,
    facts: [
      ['movie runs', movieRuns.length],
      ['with frames', movies.length],
      ['frames', movies.reduce((sum, { movie }) => sum + movie!.frames, 0)],
    ],
    jobs: ['import-movie'],
    owns: 'movies',
  };
}

function planActivations({ models, movieRuns }: ProjectInfo): Plan {
  const layers = models.flatMap((model) => model.layers);
  const extracted = layers.filter((layer) => layer.extractedMovieRuns > 0);
  const hasModels = models.length > 0;
  return {
    ...{ title: 'Activations', side: 'network', isDone: extracted.length > 0 },
    path: hasModels ? '/models?action=extract' : '/models?action=import',
    action: hasModels ? 'Extract activations…' : 'Import model…',
    waitsFor: hasModels && !movieRuns.some(({ movie }) => movie) ? 'a movie' : null,
    facts: [
      ['models', models.length],
      ['layers extracted', `${count(extracted.length)} of ${count(layers.length)}`],
      ['filters extracted', extracted.reduce((sum, { filters }) => sum + (filters ?? 0), 0)],
    ],
    jobs: ['import-model', 'random-model', 'extract'],
    owns: 'models',
  };
}

function planEmbedding({ embeddings, subjects }: ProjectInfo): Plan {
  const complete = embeddings.filter(({ state }) => state === 'complete');
  const newest = complete.at(-1);
  return {
    ...{ title: 'Embedding', side: 'brain', path: '/embedding?action=train', action: 'Train…', isDone: complete.length > 0 },
    waitsFor: subjects.length === 0 ? 'fMRI' : null,
    facts: [
      ['trained', complete.length],
      ['newest', newest ? `${variantName(newest.variant)}, ${newest.fbns} FBNs` : '–'],
      ['validation loss', newest?.validationLoss?.toFixed(4) ?? '–'],
    ],
    jobs: ['train'],
    owns: 'embedding',
  };
}

function planCoupling({ couplings, embeddings, models }: ProjectInfo): Plan {
  const isTrained = embeddings.some(({ state }) => state === 'complete');
  const isExtracted = models.some((model) => model.layers.some((layer) => layer.extractedMovieRuns > 0));
  return {
    ...{ title: 'Coupling', side: 'both', isDone: couplings > 0 },
    path: couplings > 0 ? '/coupling' : '/coupling?action=couple',
    action: couplings > 0 ? 'Show pairs' : 'Couple…',
    waitsFor: isTrained ? (isExtracted ? null : 'activations') : 'an embedding',
    facts: [['couplings', couplings]],
    jobs: ['couple'],
    owns: 'coupling',
  };
}

/** People whose progress is named. */
const MOST_RATERS = 3;

function planCuration({ couplings }: ProjectInfo, curation: CurationProgress | undefined): Plan {
  const { pairs = 0, raters = [] } = curation ?? {};
  const most = raters[0]?.decided ?? 0;
  return {
    ...{ title: 'Curation', side: 'both', path: '/curate', isDone: pairs > 0 && most >= pairs },
    action: most === 0 ? 'Curate pairs' : most < pairs ? 'Go on curating' : 'Show annotations',
    waitsFor: couplings > 0 ? null : 'pairs',
    facts: [
      ['pairs', curation ? pairs : '–'],
      ...raters.slice(0, MOST_RATERS).map(({ author, decided }): [string, number] => [`by ${author}`, decided]),
      ...(raters.length === 0 ? [['decided', curation ? 0 : '–'] as [string, string | number]] : []),
    ],
    jobs: [],
    owns: null,
  };
}

function planSemantics({ semantics, embeddings, mask, models }: ProjectInfo): Plan {
  const { vocabularies, terms, comparedEmbeddings, labelledLayers, picturedLayers } = semantics;
  const newest = embeddings.findLast(({ state }) => state === 'complete');
  const isCompared = newest !== undefined && comparedEmbeddings.includes(newest.id);
  const step = nextOfSemantics({ hasTerms: vocabularies > 0, newest: newest?.id, isCompared, hasLabels: labelledLayers > 0 });
  return {
    ...{ title: 'Semantics', side: 'both', ...step, isDone: isCompared && labelledLayers > 0 },
    waitsFor: mask === null ? 'fMRI' : step.path.includes('labels') && models.length === 0 ? 'a model' : null,
    facts: [
      ['vocabularies', vocabularies],
      ['terms', terms],
      ['FBNs compared', newest === undefined ? '–' : isCompared ? 'yes' : 'no'],
      ['labelled layers', labelledLayers],
      ['pictured layers', picturedLayers],
    ],
    jobs: ['import-terms', 'decode', 'import-labels', 'dissect', 'filter-images'],
    owns: 'semantics',
  };
}

function nextOfSemantics(state: { hasTerms: boolean; newest: number | undefined; isCompared: boolean; hasLabels: boolean }) {
  const { hasTerms, newest, isCompared, hasLabels } = state;
  if (!hasTerms) return { path: '/semantics?action=import-terms', action: 'Import terms…' };
  // The FBNs' screen offers the comparison beside the map.
  if (newest !== undefined && !isCompared) return { path: `/fbns/${newest}/0`, action: 'Compare FBNs…' };
  if (!hasLabels) return { path: '/semantics?action=import-labels', action: 'Import labels…' };
  return { path: '/semantics/pairs', action: 'Show words' };
}
