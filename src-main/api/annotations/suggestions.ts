import { firstOf, ownDescriptions, type SuggestionSource } from '../../annotation/suggest';
import type { LogState } from '../../annotation/replay';
import type { Project } from '../../project/project';

/**
 * Descriptions offered for a pair, the best source first: what the author wrote of the same FBN or filter before. Whatever else
 * knows what an FBN or a filter means (terms, labels) is added here, after it.
 */
export function suggestionSource(_project: Project, state: LogState, author: string): SuggestionSource {
  return firstOf(ownDescriptions(state, author));
}
