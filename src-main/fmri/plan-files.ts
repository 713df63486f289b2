import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { naturalOrder, parseBidsName } from './bids-names';

/** A run given as a plain file. */
export interface PlannedFile {
  subject: string;
  movieRun: string;
  bold: string;
}

/** What names of the Human Connectome Project look like: 100610_tfMRI_MOVIE1_7T_AP…, below a folder 100610. */
const HCP_SUBJECT = /^(\d{6})(?=_|$)/;
const HCP_RUN = /[tr]fMRI_[A-Za-z0-9]+(?:_7T)?(?:_(?:AP|PA|LR|RL))?/;

/**
 * Subjects and movie runs of plain files, from their names: `sub-01` and `task-…_run-…` of BIDS in the name or a folder above;
 * else HCP's six digits and `tfMRI_…`; else the parent folder is the subject and the file's name the run. The session is part of
 * the run's name where it takes that to tell runs apart.
 * @returns in natural order of subject and movie run
 * @throws UserError where two files would be the same run of the same subject
 */
export function planFiles(paths: readonly string[]): PlannedFile[] {
  const plan = (withSession: boolean) =>
    paths.map((bold) => ({ subject: subjectOf(bold), movieRun: movieRunOf(bold, withSession), bold }));
  const plain = plan(false);
  const planned = findDuplicate(plain) ? plan(true) : plain;
  const duplicate = findDuplicate(planned);
  if (duplicate) {
    const [first, second] = duplicate;
    throw new UserError({
      code: 'duplicate',
      what: `two files are taken for the same run, ${first.subject} ${first.movieRun}`,
      file: second.bold,
      found: `also ${first.bold}`,
      remedy: 'name them sub-NAME_task-NAME_run-NUMBER_bold.nii.gz, or put them in one folder per subject',
    });
  }
  return planned.sort((a, b) => naturalOrder(`${a.subject}/${a.movieRun}`, `${b.subject}/${b.movieRun}`));
}

function findDuplicate(planned: readonly PlannedFile[]): [PlannedFile, PlannedFile] | undefined {
  const seen = new Map<string, PlannedFile>();
  for (const file of planned) {
    const key = `${file.subject}/${file.movieRun}`;
    const other = seen.get(key);
    if (other) return [other, file];
    seen.set(key, file);
  }
  return undefined;
}

function subjectOf(path: string): string {
  const parts = resolve(path).split(/[\\/]/).filter(Boolean).reverse();
  for (const part of parts) {
    const bids = /(?:^|_)(sub-[A-Za-z0-9]+)/.exec(part);
    if (bids) return bids[1]!;
  }
  for (const part of parts) {
    const hcp = HCP_SUBJECT.exec(part);
    if (hcp) return hcp[1]!;
  }
  return basename(dirname(resolve(path)));
}

function movieRunOf(path: string, withSession: boolean): string {
  const entities = parseBidsName(path)?.entities;
  if (entities?.has('task') || entities?.has('run')) {
    const kept = [...(withSession ? ['ses'] : []), 'task', 'run'].filter((name) => entities.has(name));
    return kept.map((name) => `${name}-${entities.get(name)}`).join('_');
  }
  const stem = basename(path).replace(/\.(nii|hdr|img)(\.gz)?$/i, '');
  const run = /(?:^|_)(run-[A-Za-z0-9]+)/.exec(stem)?.[1];
  return HCP_RUN.exec(stem)?.[0] ?? run ?? (stem.replace(/^sub-[A-Za-z0-9]+_/, '') || stem);
}
