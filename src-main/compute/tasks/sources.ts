import { basename } from 'node:path';
import type { CompareSourcesTask, LeftReason } from '../../../src-preload/shared/contract/sources';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { readModel } from '../../cnn/read-model';
import { hashFile } from '../../files/hash';
import { openConceptImages } from '../../semantics/dissection/read-concepts';
import { inspectImages, listImages, listNumberedImages } from '../../stimulus/image-folder';
import type { TaskHandler } from '../process';
import { hashNamesAndSizes } from './pictures';

type SourceToCompare = CompareSourcesTask['sources'][number];

/** How the content of something is told while it is compared. */
interface Reading {
  signal: AbortSignal;
  /** Hears how many bytes of a file have been read. */
  heard(bytes: number): void;
}

/** Looks which sources are at their new places with the same content. */
export const compareSourcesTask: TaskHandler<'compare-sources'> = async ({ sources }, { signal, progress, part }) => {
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  const total = megabytes(sources.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
  let done = 0;
  for (const [index, source] of sources.entries()) {
    const size = source.bytes ?? 0;
    const tell = (read: number) => {
      const stage = `comparing ${basename(source.places[0]!)}`;
      progress({ stage, done: megabytes(done + Math.min(read, size)), total, unit: 'MB' });
    };
    tell(0);
    part({ index, found: await find(source, { signal, heard: tell }) });
    done += size;
  }
  progress({ stage: 'comparing sources', done: total, total, unit: 'MB' });
  return null;
};

async function find(source: SourceToCompare, reading: Reading): Promise<{ place: string } | { why: LeftReason }> {
  let why: LeftReason = 'not there';
  for (const place of source.places) {
    throwIfCancelled(reading.signal);
    const difference = await compare(source, place, reading);
    if (difference === null) return { place };
    why = difference;
  }
  return { why };
}

/** Why a place does not hold a source; null where it does. */
async function compare(source: SourceToCompare, place: string, reading: Reading): Promise<LeftReason | null> {
  try {
    if (source.kind !== 'model with weights beside it')
      return (await readHash(source.kind, place, reading)) === source.hash ? null : 'another content';
    if ((await readHash('file', place, reading)) !== source.fileHash) return 'another content';
    const { hash } = await readModel(place);
    return hash === source.hash ? null : 'other weights beside it';
  } catch (caught) {
    throwIfCancelled(reading.signal);
    return reasonOf(source, caught);
  }
}

function reasonOf({ kind }: SourceToCompare, caught: unknown): LeftReason {
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : '';
  if (/^(EACCES|EPERM|EIO|ELOOP)$/.test(code)) return 'cannot be read';
  if (kind === 'model with weights beside it') return 'other weights beside it';
  // A folder that is not of the kind it was: without numbers in the names, say, or without labels.
  return 'another content';
}

async function readHash(
  kind: Exclude<SourceToCompare['kind'], 'model with weights beside it'>,
  place: string,
  { signal, heard }: Reading,
): Promise<string> {
  switch (kind) {
    case 'file':
      return hashFile(place, signal, heard);
    case 'frames':
      return (await inspectImages(await listNumberedImages(place), signal)).hash;
    case 'pictures':
      return hashNamesAndSizes(await listImages(place));
    case 'labelled pictures':
      return (await openConceptImages(place)).fingerprint;
  }
}
