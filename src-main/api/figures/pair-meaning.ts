import type { FigureSpec, PairFigureSource } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listLabelSets } from '../../project/queries/filter-labels';
import { listImageSets } from '../../project/queries/image-sets';
import { bestTerms, comparedVocabularies, labelsOf } from '../semantics/pair-words';

type Choice = Pick<
  Extract<FigureSpec, { kind: 'pairs' }>,
  'vocabulary' | 'termKinds' | 'termCount' | 'labels' | 'images' | 'imageCount'
>;
type Meaning = Pick<PairFigureSource, 'terms' | 'label' | 'images'>;

/**
 * What is said of both sides of a pair in a figure: terms of the FBN, label and pictures of the filter; nothing where the project
 * does not hold it.
 * @throws UserError where a vocabulary, labels or pictures are asked for by a name that is not there
 */
export function meaningOfPairs(
  project: Project,
  embeddingId: number,
  choice: Choice,
): (layerId: number, pair: { fbn: number; filter: number }) => Meaning {
  const vocabulary = named('vocabulary', comparedVocabularies(project, embeddingId), choice.vocabulary);
  const labelSets = named('set of labels', listLabelSets(project.database), choice.labels);
  const imageSets = named('set of pictures', listImageSets(project.database), choice.images);
  const newest = vocabulary.at(-1);
  const terms = { allKinds: choice.termKinds === 'all', count: choice.termCount };
  const termsOf = newest && choice.termCount > 0 ? bestTerms(project, embeddingId, newest, terms) : () => [];
  return (layerId, { fbn, filter }) => {
    const found = labelSets
      .filter((one) => one.layerId === layerId)
      .map((set) => ({ label: labelsOf(project, set)(filter), score: set.score }))
      .findLast(({ label }) => label !== null);
    const images = choice.imageCount > 0 ? imageSets.findLast((one) => one.layerId === layerId) : undefined;
    return {
      terms: termsOf(fbn).map(({ title, r }) => ({ term: title, r })),
      label: found ? describe(found.label!, found.score) : null,
      images: images ? project.path(images.file) : null,
    };
  };
}

/** Those of a name; all where none is asked for. */
function named<Item extends { name: string }>(what: string, all: readonly Item[], name: string | undefined): Item[] {
  const found = all.filter((item) => name === undefined || item.name === name);
  if (name === undefined || found.length > 0) return found;
  throw new UserError({
    code: 'not-found',
    what: `there is no ${what} "${name}" for this figure`,
    expected: [...new Set(all.map((item) => item.name))].join(', ') || 'none is there yet',
    remedy: 'leave the name out to take the newest',
  });
}

/** "rock (IoU 0.12, chance 0.03)" */
function describe(
  { label, score, chance }: { label: string; score: number | null; chance: number | null },
  scoreName: string | null,
): string {
  const parts = [
    ...(score === null ? [] : [`${scoreName ?? 'score'} ${score.toFixed(2)}`]),
    ...(chance === null ? [] : [`chance ${chance.toFixed(2)}`]),
  ];
  return parts.length > 0 ? `${label} (${parts.join(', ')})` : label;
}
