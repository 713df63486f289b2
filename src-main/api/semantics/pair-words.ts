import type { CrossAnnotationRow } from '../../../src-preload/shared/contract/semantics-views';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { titleOfLabel } from '../../../src-preload/shared/domain/words';
import type { Project } from '../../project/project';
import { listFilterLabels, type FilterLabel, type LabelSet } from '../../project/queries/filter-labels';
import { listVocabularies, type Vocabulary } from '../../project/queries/vocabularies';
import { currentDecodings, findDecoding, readDecoding } from './decodings';
import { passes } from './filters';
import { kindsOfTerms, titleOfTerm } from './terms';

type Term = NonNullable<CrossAnnotationRow['term']>;
type Label = NonNullable<CrossAnnotationRow['label']>;

/** The vocabularies that an embedding's FBNs are compared with, the newest last. */
export function comparedVocabularies(project: Project, embeddingId: number): Vocabulary[] {
  const compared = currentDecodings(project).filter((one) => one.embeddingId === embeddingId);
  return listVocabularies(project.database).filter(({ id }) => compared.some(({ vocabularyId }) => vocabularyId === id));
}

export interface TermChoice {
  /** Whether anatomical, clinical and method words count too, or functional ones only; blocked ones never do. */
  allKinds: boolean;
  count: number;
}

/** Of every FBN, the terms whose maps its own is most like, largest r first; those with r ≤ 0 are none. */
export function bestTerms(
  project: Project,
  embeddingId: number,
  vocabulary: Vocabulary,
  { allKinds, count }: TermChoice,
): (fbn: number) => Term[] {
  const decoding = findDecoding(project, embeddingId, vocabulary.id);
  const r = decoding && readDecoding(project, decoding);
  const { terms } = vocabulary.content;
  const kinds = kindsOfTerms(project.database, terms);
  const counts = (term: number) => kinds[term] !== 'blocked' && (allKinds || kinds[term] === 'functional');
  return (fbn) => {
    if (!r || fbn >= r.rows) return [];
    const row = matrixRow(r, fbn);
    const best: number[] = [];
    for (let term = 0; term < row.length; term++) {
      const least = best.length < count ? 0 : row[best.at(-1)!]!;
      if (!(row[term]! > least) || !counts(term)) continue;
      const place = best.findIndex((other) => row[term]! > row[other]!);
      best.splice(place < 0 ? best.length : place, 0, term);
      if (best.length > count) best.pop();
    }
    return best.map((term) => ({ term: terms[term]!, title: titleOfTerm(terms[term]!), r: row[term]! }));
  };
}

/** Of every filter its label; filters without one, or with an IoU of 0.04 or less, have none. */
export function labelsOf({ database }: Project, set: LabelSet): (filter: number) => Label | null {
  const byFilter = new Map<number, FilterLabel>(listFilterLabels(database, set.id).map((label) => [label.filter, label]));
  return (filter) => {
    const found = byFilter.get(filter);
    if (!found || found.label === '' || passes(set, found) === false) return null;
    const { label, category, score, chance } = found;
    return { label: titleOfLabel(label), category, score, chance };
  };
}
