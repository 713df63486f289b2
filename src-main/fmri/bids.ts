import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { entitiesWithin, naturalOrder, parseBidsName, type BidsName } from './bids-names';
import { headerTrSeconds } from './nifti/header';
import { readNiftiHeader } from './nifti/read';

/** Which runs are wanted where a dataset holds several kinds. */
export interface BidsChoice {
  task?: string | undefined;
  /** A space entity; "native" for files without one. */
  space?: string | undefined;
  /** A desc entity; "none" for files without one. */
  desc?: string | undefined;
}

/** A run found in a dataset. */
export interface BidsRun {
  /** With its prefix: "sub-01". */
  subject: string;
  session?: string;
  task: string;
  run?: string;
  space?: string;
  desc?: string;
  /** Which part of the movie: "task-sherlock_run-1"; with the session where a subject saw it in several. */
  movieRun: string;
  bold: string;
  /** The run's own brain mask. */
  mask?: string;
  /** The run's confounds table. */
  confounds?: string;
  /** RepetitionTime of the nearest sidecar that has one. */
  sidecarTrSeconds?: number;
  /** The header's TR; null where it states none. */
  headerTrSeconds: number | null;
  /** Volumes. */
  volumes: number;
}

/** Something in a dataset that cannot be used; one line. */
export interface BidsProblem {
  file: string;
  problem: string;
}

const EXTENSIONS = ['.nii', '.nii.gz'];
/** Entities that tell files made from the same scan apart. */
const DERIVED = ['space', 'res', 'den', 'desc', 'label', 'echo', 'part'];

/**
 * Finds the runs of a BIDS dataset, raw or derivatives (fMRIPrep): every `*_bold.nii[.gz]` in `sub-…/[ses-…/]func`, with its
 * mask, confounds and repetition time (sidecars are inherited from folders above, the nearest wins).
 * @param root folder of the dataset
 * @returns runs in natural order of subject and movie run, and files that cannot be used
 * @throws UserError where nothing is found, or where several spaces or descriptions are there and none was chosen
 */
export async function discoverBids(root: string, choice: BidsChoice = {}): Promise<{ runs: BidsRun[]; problems: BidsProblem[] }> {
  const names = await listNames(root);
  const bolds = names.filter(({ suffix, extension }) => suffix === 'bold' && EXTENSIONS.includes(extension));
  const chosen = choose(bolds, choice, root);
  const withSession = needsSession(chosen);
  refuseDuplicates(chosen, withSession);
  const runs: BidsRun[] = [];
  const problems: BidsProblem[] = [];
  for (const bold of chosen) {
    try {
      runs.push(await describeRun(bold, names, withSession, root));
    } catch (caught) {
      problems.push({ file: bold.path, problem: describeProblem(caught, bold.path) });
    }
  }
  runs.sort((a, b) => naturalOrder(`${a.subject}/${a.movieRun}`, `${b.subject}/${b.movieRun}`));
  return { runs, problems };
}

/** Files of all subjects' func folders, and JSON files of the folders above. */
async function listNames(root: string): Promise<BidsName[]> {
  const subjects = (await readdir(root)).filter((name) => /^sub-/.test(name)).sort(naturalOrder);
  const names: BidsName[] = [];
  const take = async (folder: string, wanted: RegExp): Promise<string[]> => {
    const entries = await listFolder(folder);
    for (const entry of entries.filter((name) => wanted.test(name))) {
      const name = parseBidsName(join(folder, entry));
      if (name) names.push(name);
    }
    return entries;
  };
  await take(root, /\.json$/);
  for (const subject of subjects) {
    const entries = await take(join(root, subject), /\.json$/);
    const sessions = entries.filter((name) => /^ses-/.test(name));
    for (const session of sessions) await take(join(root, subject, session), /\.json$/);
    for (const session of ['', ...sessions]) await take(join(root, subject, session, 'func'), /\.(nii|nii\.gz|json|tsv)$/);
  }
  if (names.some(({ suffix }) => suffix === 'bold')) return names;
  const derivatives = await listFolder(join(root, 'derivatives'));
  throw new UserError({
    code: 'file-kind',
    what: 'no fMRI runs found in this folder',
    file: root,
    expected: 'files sub-*/[ses-*/]func/*_bold.nii.gz',
    found: derivatives.length > 0 ? `derivatives/${derivatives.join(', derivatives/')}` : `${subjects.length} subject folders`,
    remedy: derivatives.length > 0 ? 'name one of these folders' : 'name the folder that holds the sub-* folders, or use --files',
  });
}

/** Names in a folder below the root; none where there is no such folder. */
async function listFolder(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort(naturalOrder);
}

function choose(bolds: readonly BidsName[], choice: BidsChoice, root: string): BidsName[] {
  const left = { space: 'native', desc: 'none' };
  const value = (name: BidsName, entity: 'task' | 'space' | 'desc') =>
    name.entities.get(entity) ?? (entity === 'task' ? '' : left[entity]);
  let remaining = [...bolds];
  for (const entity of ['task', 'space', 'desc'] as const) {
    const present = [...new Set(remaining.map((name) => value(name, entity)))].sort(naturalOrder);
    const wanted = choice[entity];
    if (wanted !== undefined && !present.includes(wanted)) {
      const found = present.join(', ');
      throw new UserError({
        code: 'not-found',
        what: `no run has ${entity} "${wanted}"`,
        file: root,
        found,
        remedy: `pass --${entity} with one of these`,
      });
    }
    if (wanted !== undefined) remaining = remaining.filter((name) => value(name, entity) === wanted);
    else if (entity !== 'task' && present.length > 1) {
      const expected = `one ${entity}`;
      const remedy = `pass --${entity} ${present.join(` or --${entity} `)}`;
      throw new UserError({
        code: 'ambiguous',
        what: `the runs are there in several kinds of ${entity}`,
        file: root,
        expected,
        found: present.join(', '),
        remedy,
      });
    }
  }
  return remaining;
}

/** Whether some subject has the same task and run in several sessions. */
function needsSession(bolds: readonly BidsName[]): boolean {
  const seen = new Map<string, string | undefined>();
  return bolds.some((bold) => {
    const key = `${bold.entities.get('sub')} ${movieRunOf(bold, false)}`;
    const session = bold.entities.get('ses');
    const differs = seen.has(key) && seen.get(key) !== session;
    seen.set(key, session);
    return differs;
  });
}

function movieRunOf({ entities }: BidsName, withSession: boolean): string {
  const kept = [...(withSession ? ['ses'] : []), 'task', 'run'].filter((name) => entities.has(name));
  return kept.map((name) => `${name}-${entities.get(name)}`).join('_');
}

function refuseDuplicates(bolds: readonly BidsName[], withSession: boolean): void {
  const seen = new Map<string, string>();
  for (const bold of bolds) {
    const key = `sub-${bold.entities.get('sub')} ${movieRunOf(bold, withSession)}`;
    const other = seen.get(key);
    if (other !== undefined) {
      const found = `${relative(dirname(bold.path), other)} and this one`;
      throw new UserError({
        code: 'duplicate',
        what: `two files are the same run, ${key}`,
        file: bold.path,
        found,
        remedy: 'import the files wanted with --files (echoes and phase images are not combined here)',
      });
    }
    seen.set(key, bold.path);
  }
}

async function describeRun(bold: BidsName, names: readonly BidsName[], withSession: boolean, root: string): Promise<BidsRun> {
  const header = await readNiftiHeader(bold.path);
  const entity = (name: string) => bold.entities.get(name);
  const beside = names.filter(({ path }) => dirname(path) === dirname(bold.path));
  const mask = beside.find((name) => name.suffix === 'mask' && EXTENSIONS.includes(name.extension) && isMaskOf(name, bold));
  const confounds = beside.find((name) => name.extension === '.tsv' && isConfoundsOf(name, bold));
  const sidecarTrSeconds = await inheritedTr(bold, names, root);
  const optional = { session: entity('ses'), run: entity('run'), space: entity('space'), desc: entity('desc') };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return {
    subject: `sub-${entity('sub')}`,
    task: entity('task') ?? '',
    ...present,
    movieRun: movieRunOf(bold, withSession),
    bold: bold.path,
    ...(mask && { mask: mask.path }),
    ...(confounds && { confounds: confounds.path }),
    ...(sidecarTrSeconds !== undefined && { sidecarTrSeconds }),
    headerTrSeconds: headerTrSeconds(header),
    volumes: header.volumes,
  };
}

function isMaskOf(mask: BidsName, bold: BidsName): boolean {
  const ownDesc = ['brain', undefined].includes(mask.entities.get('desc'));
  return ownDesc && entitiesWithin(mask, bold, ['desc']) && entitiesWithin(bold, mask, ['desc', 'echo', 'part']);
}

function isConfoundsOf(table: BidsName, bold: BidsName): boolean {
  const isConfounds = table.entities.get('desc') === 'confounds' && ['timeseries', 'regressors'].includes(table.suffix);
  return isConfounds && entitiesWithin(table, bold, DERIVED) && entitiesWithin(bold, table, DERIVED);
}

/** RepetitionTime of the nearest applicable sidecar: same suffix, no entity that the image has not; more entities are nearer. */
async function inheritedTr(bold: BidsName, names: readonly BidsName[], root: string): Promise<number | undefined> {
  const depth = ({ path }: BidsName) => relative(root, dirname(path)).length;
  const applicable = names
    .filter((name) => name.extension === '.json' && name.suffix === 'bold' && entitiesWithin(name, bold))
    .filter(({ path }) => !relative(dirname(path), bold.path).startsWith('..'))
    .sort((a, b) => depth(b) - depth(a) || b.entities.size - a.entities.size);
  for (const { path } of applicable) {
    const seconds = (parseSidecar(await readFile(path, 'utf8'), path) as { RepetitionTime?: unknown }).RepetitionTime;
    if (typeof seconds === 'number') return seconds;
  }
  return undefined;
}

function parseSidecar(text: string, file: string): object {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null) return json;
  } catch {
    // Said below.
  }
  throw new UserError({ code: 'file-kind', what: 'this sidecar is not a JSON object', file, remedy: 'mend or remove it' });
}

function describeProblem(caught: unknown, file: string): string {
  if (caught instanceof UserError) return caught.message;
  if (caught instanceof Error && 'code' in caught && caught.code === 'ENOENT') {
    return `the content of ${file} is not there (a broken link: fetch it, for example with "datalad get")`;
  }
  throw caught;
}
