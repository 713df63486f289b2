import { existsSync } from 'node:fs';
import type { TermSource, TermSourceInfo } from '../../../src-preload/shared/contract/semantics-tasks';
import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { MNI_4MM, type Grid } from '../../../src-preload/shared/domain/grid';
import type { JobContext } from '../../jobs/queue';
import type { Project } from '../../project/project';
import { currentMask } from '../../project/queries/masks';
import { addSource } from '../../project/queries/sources';
import { listVocabularies, storeVocabulary, type Vocabulary } from '../../project/queries/vocabularies';
import { termMapsKey } from '../keys';

type Input = ParsedJobInput<'import-terms'>;

export interface ImportTermsOutput {
  vocabulary: string;
  terms: number;
  voxels: number;
  /** What was found in the database; null where the maps were ready. */
  studies: Vocabulary['content']['summary'];
  threshold: number | null;
  files: { path: string; hash: string }[];
  /** There already, from the same files with the same settings. */
  skipped: boolean;
}

/**
 * Imports a vocabulary: computes (or reads) the map of every term under a brain mask. Same files, mask and settings: nothing is
 * computed again; an interrupted import goes on where it stopped.
 */
export async function importTerms(input: Input, { project, runTask, warn }: JobContext): Promise<ImportTermsOutput> {
  const { database } = project;
  const mask = chooseMask(project, input.mask);
  const info = await runTask('inspect-terms', { source: input.source, mask });
  const threshold = info.usualThreshold === null ? null : (input.threshold ?? info.usualThreshold);
  const parameters = threshold === null ? {} : { threshold, unknownSpace: input.unknownSpace };
  const key = termMapsKey({ files: info.files.map(({ hash }) => hash), maskHash: info.mask.hash, parameters });
  const name = input.name ?? info.name;
  const present = listVocabularies(database).find((one) => one.name === name && one.key === key);
  if (present && existsSync(project.path(present.file))) return describe(present, true);
  const file = `terms/${key.slice(0, 32)}.safetensors`;
  const { fileHash, ...found } = await runTask('term-maps', {
    ...{ source: input.source, mask, threshold: threshold ?? 0, unknownSpace: input.unknownSpace },
    ...{ output: project.path(file), pieces: project.path(`terms/${key.slice(0, 32)}.pieces`) },
  });
  const { summary } = found;
  if (summary && summary.unknownPeaks > 0) {
    const taken = summary.unknownTakenAsMni ? 'taken as MNI' : 'left out';
    warn(`${summary.unknownPeaks.toLocaleString('en-US')} peaks are in an unknown space; they were ${taken}`);
  }
  if (summary && summary.unreadablePeaks > 0)
    warn(
      `${summary.unreadablePeaks.toLocaleString('en-US')} peaks belong to no study of the metadata or are no numbers; they were left out`,
    );
  const vocabulary = {
    ...{ name, key, file, fileHash, maskHash: info.mask.hash },
    content: { ...found, origin: originOf(input.source, info), threshold, voxels: info.mask.voxels, files: info.files },
  };
  database.transaction(() => {
    for (const { path, hash } of info.files) addSource(database, path, hash);
    storeVocabulary(database, vocabulary);
  })();
  return describe(vocabulary, false);
}

/** The mask asked for, on the project's grid; else the project's own. */
function chooseMask({ database, ...project }: Project, file: string | undefined): { file: string; grid: Grid | null } {
  const current = currentMask(database);
  if (file !== undefined) return { file, grid: current?.grid ?? MNI_4MM };
  if (current) return { file: `${project.folder}/${current.file}`, grid: null };
  throw new UserError({
    code: 'earlier-step-missing',
    what: 'the project has no brain mask to make the term maps under',
    remedy: 'import fMRI first, or pass --mask FILE',
  });
}

function originOf(source: TermSource, { name }: TermSourceInfo): string {
  if ('maps' in source) return `maps in ${source.maps}`;
  return 'nimare' in source ? `NiMARE dataset ${source.nimare}` : name;
}

function describe({ name, content }: Pick<Vocabulary, 'name' | 'content'>, skipped: boolean): ImportTermsOutput {
  const { terms, voxels, summary, threshold, files } = content;
  return { vocabulary: name, terms: terms.length, voxels, studies: summary, threshold, files, skipped };
}
