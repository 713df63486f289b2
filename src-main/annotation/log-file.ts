import { UserError } from '../../src-preload/shared/domain/errors';
import { hashEvent, readEvent, type SealedEvent } from './sealing';
import type { AnnotationEvent } from '../../src-preload/shared/contract/annotations';

/**
 * A log as text to carry to another machine: one event a line, with its hash. An author's file also carries what its events refer
 * to: the tags of the vocabulary, whoever made them.
 */
export function logAsText(events: readonly AnnotationEvent[], author?: string): string {
  const tagGroups = new Set(events.flatMap((event) => (event.kind === 'tag' ? [event.group] : [])));
  const belongs = (event: AnnotationEvent) =>
    author === undefined ||
    event.author === author ||
    event.kind === 'tag' ||
    ((event.kind === 'undo' || event.kind === 'redo') && tagGroups.has(event.target));
  return events
    .filter(belongs)
    .map((event) => `${JSON.stringify({ ...event, hash: hashEvent(event) })}\n`)
    .join('');
}

/** Reads such a file; all of it or nothing. @throws UserError naming the line that is not an event */
export function readLog(text: string, file: string): SealedEvent[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.flatMap((line, i): SealedEvent[] => {
    if (line.trim() === '') return [];
    try {
      return [readEvent(line)];
    } catch (caught) {
      throw new UserError({
        code: 'file-content',
        ...{ what: `line ${i + 1} is no event of an annotation log`, file, expected: 'a file of `syncact annotations export`' },
        found: (caught as Error).message,
        remedy: 'nothing was merged; export it again',
      });
    }
  });
}
