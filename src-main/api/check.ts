import { existsSync } from 'node:fs';
import { throwIfCancelled } from '../../src-preload/shared/domain/errors';
import { hashFile } from '../files/hash';
import { ActivationCache } from '../project/activation-cache';
import { checkIntegrity, isDamage } from '../project/database';
import type { Project } from '../project/project';
import { listStoredFiles } from '../project/queries/stored-files';
import { listRecordedSources, recordedState } from '../project/queries/recorded-sources';
import { checkAnnotationLog } from './annotations/log';

export interface CheckReport {
  filesChecked: number;
  /** Damage inside the project, one line each; empty when it is sound. */
  problems: string[];
  /** Sources that are no longer what was read; the project is still sound. */
  sources: { path: string; state: 'changed' | 'missing' }[];
}

export interface CheckOptions {
  signal: AbortSignal;
  /** Whether to hash the sources too, instead of looking at size and time only. */
  sources: boolean;
  progress(done: number, total: number, file: string): void;
}

/** Verifies every file of a project against its hash, and both databases. */
export async function checkProject(project: Project, options: CheckOptions): Promise<CheckReport> {
  const problems = checkIntegrity(project.database).map((problem) => `project.sqlite: ${problem}`);
  if (existsSync(project.activationsFile)) {
    const cache = ActivationCache.openReadOnly(project.activationsFile);
    problems.push(...cache.check().map((problem) => `activations.sqlite: ${problem}`));
    cache.close();
  }
  try {
    problems.push(...checkAnnotationLog(project).problems.map((problem) => `project.sqlite: ${problem}`));
    return {
      filesChecked: await checkFiles(project, problems, options),
      problems,
      sources: await checkSources(project, options),
    };
  } catch (caught) {
    if (!isDamage(caught)) throw caught;
    // What files there should be cannot be read.
    const problem = `project.sqlite: ${caught.message}`;
    return { filesChecked: 0, problems: problems.includes(problem) ? problems : [...problems, problem], sources: [] };
  }
}

/** @returns how many files there are */
async function checkFiles(project: Project, problems: string[], options: CheckOptions): Promise<number> {
  const files = listStoredFiles(project.database);
  for (const [index, { file, hash }] of files.entries()) {
    throwIfCancelled(options.signal);
    options.progress(index, files.length, file);
    const path = project.path(file);
    if (!existsSync(path)) problems.push(`${file}: the file is missing`);
    else if ((await hashFile(path, options.signal)) !== hash) problems.push(`${file}: the content does not match its hash`);
  }
  return files.length;
}

async function checkSources({ database }: Project, options: CheckOptions): Promise<CheckReport['sources']> {
  const found: CheckReport['sources'] = [];
  for (const source of listRecordedSources(database)) {
    let state = recordedState(source);
    if (options.sources && state !== 'missing' && source.file) {
      state = (await hashFile(source.path, options.signal)) === source.file.hash ? 'unchanged' : 'changed';
    }
    if (state !== 'unchanged') found.push({ path: source.path, state });
  }
  return found;
}
