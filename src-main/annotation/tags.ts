import type { TagEvent } from '../../src-preload/shared/contract/annotations';
import type { LogState } from './replay';

/** A tag of the vocabulary as it stands. */
export interface Tag {
  id: string;
  name: string;
}

/** The vocabulary: tags in the order in which they came, and what every id that ever was stands for now. */
export interface Vocabulary {
  tags: Tag[];
  /** The tag of an id, through all merges; undefined where its making was taken back. */
  resolve(id: string): Tag | undefined;
}

const fold = (name: string) => name.normalize('NFC').toLocaleLowerCase('en');

/**
 * The vocabulary that a log comes to. Two tags of the same name, as two people make them on two machines, are one: the later one
 * stands for the earlier.
 */
export function vocabularyOf(state: LogState): Vocabulary {
  const tags = new Map<string, Tag>();
  const standsFor = new Map<string, string>();
  const resolve = (id: string): Tag | undefined => {
    let current = id;
    // Merges are made between what stands for itself, so this ends.
    for (let next = standsFor.get(current); next !== undefined; next = standsFor.get(current)) current = next;
    return tags.get(current);
  };
  const sameName = (name: string, but?: string) => tags.values().find((tag) => tag.id !== but && fold(tag.name) === fold(name));
  const absorb = (tag: Tag, into: Tag) => {
    tags.delete(tag.id);
    standsFor.set(tag.id, into.id);
  };
  for (const { tag: id, change, group } of state.tags) {
    if (state.undone.has(group)) continue;
    const tag = resolve(id);
    if (change.what === 'add') {
      const twin = sameName(change.name);
      if (tag) continue;
      if (twin) standsFor.set(id, twin.id);
      else tags.set(id, { id, name: change.name });
    } else if (tag && change.what === 'rename') {
      const twin = sameName(change.name, tag.id);
      if (twin) absorb(tag, twin);
      else tag.name = change.name;
    } else if (tag && change.what === 'merge') {
      const into = resolve(change.into);
      if (into && into !== tag) absorb(tag, into);
    }
  }
  return { tags: [...tags.values()], resolve };
}

/** Names of an annotation's tags, each once. */
export function tagNames(vocabulary: Vocabulary, ids: readonly string[]): string[] {
  return [...new Set(ids.flatMap((id) => vocabulary.resolve(id)?.name ?? []))];
}

/** What happened to the vocabulary, in words, the newest first. */
export function tagHistory(state: LogState): { at: string; author: string; what: string; isUndone: boolean }[] {
  const names = new Map<string, string>();
  const lines = state.tags.map((event) => ({
    ...{ at: event.at, author: event.author, isUndone: state.undone.has(event.group) },
    what: describeTagEvent(event, names),
  }));
  return lines.reverse();
}

/** @param names of the tags so far; kept up to date */
export function describeTagEvent({ tag, change }: TagEvent, names: Map<string, string>): string {
  const name = names.get(tag) ?? 'a tag';
  if (change.what === 'merge') return `merged ${name} into ${names.get(change.into) ?? 'another tag'}`;
  names.set(tag, change.name);
  return change.what === 'add' ? `added ${change.name}` : `renamed ${change.from} to ${change.name}`;
}
