import { annotationEventSchema, type AnnotationEvent } from '../../src-preload/shared/contract/annotations';
import { cacheKey } from '../files/hash';

/** An event with the hash that seals it. */
export interface SealedEvent {
  event: AnnotationEvent;
  hash: string;
}

/** Hash of everything an event says, independent of how it is written down. */
export function hashEvent(event: AnnotationEvent): string {
  return cacheKey(event);
}

/**
 * Reads an event from text that may come from anywhere.
 * @param hash what it was sealed with; left out, the text carries it as `hash`
 * @throws Error saying what is wrong
 */
export function readEvent(text: string, hash?: string): SealedEvent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error('no JSON');
  }
  let sealed = hash;
  if (hash === undefined && typeof parsed === 'object' && parsed !== null && 'hash' in parsed) {
    const { hash: carried, ...rest } = parsed;
    sealed = String(carried);
    parsed = rest;
  }
  const { success, data, error } = annotationEventSchema.safeParse(parsed);
  if (!success) {
    const [issue] = error.issues;
    throw new Error(`no event of an annotation log: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
  }
  if (hashEvent(data) !== sealed) throw new Error('the content does not match its hash');
  return { event: data, hash: sealed };
}
