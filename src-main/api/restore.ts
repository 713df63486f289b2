import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvent, type SealedEvent } from '../annotation/sealing';
import { restoreBackup, type Backup } from '../project/backups';
import { openProject } from '../project/project';
import { salvageAnnotationEvents } from '../project/queries/annotation-events';
import { annotationLog } from './annotations/log';

export interface RestoreReport {
  project: string;
  backup: string;
  /** Of the backup, ISO. */
  at: string;
  /** Where the damaged database is kept. */
  kept: string;
  /** Annotation events that were written since the backup and could be read from the damaged database. */
  events: number;
}

/**
 * Puts back a backup, the newest sound one where none is named, and adds the annotations that were written since and can still be read: an
 * event counts when its content matches its hash.
 */
export function restoreProject(folder: string, name: string | undefined, program: string): RestoreReport {
  const { backup, kept } = restoreBackup(folder, name, program);
  const project = openProject(folder, program);
  try {
    const events = annotationLog(project).merge(readableEvents(join(kept, 'project.sqlite')));
    return { project: project.folder, backup: backup.name, at: backup.at.toISOString(), kept, events };
  } finally {
    project.close();
  }
}

function readableEvents(damaged: string): SealedEvent[] {
  if (!existsSync(damaged)) return [];
  // Of a copy: opening it may write its log into it.
  const folder = mkdtempSync(join(tmpdir(), 'syncact-damaged-'));
  try {
    for (const ending of ['', '-wal'])
      if (existsSync(damaged + ending)) copyFileSync(damaged + ending, join(folder, `project.sqlite${ending}`));
    return salvageAnnotationEvents(join(folder, 'project.sqlite')).flatMap(({ content, hash }) => {
      try {
        return [readEvent(content, hash)];
      } catch {
        return [];
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A backup as windows and the command line list it. */
export function viewBackup({ name, at, bytes }: Backup): { name: string; at: string; bytes: number } {
  return { name, at: at.toISOString(), bytes };
}
