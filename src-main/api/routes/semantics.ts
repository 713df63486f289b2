import type { TermView, VocabularyView } from '../../../src-preload/shared/contract/semantics-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { WordKind } from '../../../src-preload/shared/domain/words';
import type { Project } from '../../project/project';
import { currentMask } from '../../project/queries/masks';
import { listVocabularies, setVocabularyRemoved, type Vocabulary } from '../../project/queries/vocabularies';
import { listLabelSets, setLabelSetRemoved } from '../../project/queries/filter-labels';
import { listImageSets, setImageSetRemoved } from '../../project/queries/image-sets';
import { listWordKinds, setWordKinds } from '../../project/queries/word-kinds';
import { planLabels } from '../jobs/import-labels';
import { crossAnnotate } from '../semantics/cross-annotation';
import { importRelations, importWordList, readWordList } from '../semantics/word-lists';
import { currentDecodings } from '../semantics/decodings';
import { describeFilter, viewImageSets, viewLabelSets } from '../semantics/filters';
import { listFbnsOfTerm, listLabelledFilters, listWords } from '../semantics/found-by-word';
import { reportPeaks } from '../semantics/peaks';
import { kindsOfTerms, titleOfTerm } from '../semantics/terms';
import type { RouteHandlers } from '../requests';
import { changeWithUndo } from './undo';

export const semanticsRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `semantics.${string}`>> = {
  'semantics.vocabularies': (_input, workstation) => viewVocabularies(workstation.project.project),
  'semantics.terms': ({ vocabulary }, workstation) => viewTerms(workstation.project.project, vocabulary),
  'semantics.words': (_input, workstation) => listWords(workstation.project.project),
  'semantics.labelledFilters': (input, workstation) => listLabelledFilters(workstation.project.project, input),
  'semantics.fbnsOfTerm': (input, workstation) => listFbnsOfTerm(workstation.project.project, input),
  'semantics.peaks': (input, workstation) => reportPeaks(workstation.project.project, input),
  'semantics.setWords': ({ words, kind }, workstation) => {
    const { project } = workstation.project;
    const said = listWordKinds(project.database);
    const before = words.map((word): [string, WordKind | null] => [word, said.get(word) ?? null]);
    const label = words.length === 1 ? `kind of the word ${words[0]}` : `kind of ${words.length} words`;
    changeWithUndo(project, 'words', label, { before }, () => setWordKinds(project.database, words, kind));
    workstation.changed('semantics', 'undo');
    return null;
  },
  'semantics.removeVocabulary': ({ id }, workstation) => {
    const { project } = workstation.project;
    const label = `removal of vocabulary ${findVocabulary(project, id).name}`;
    changeWithUndo(project, 'vocabulary-removal', label, { id }, () => setVocabularyRemoved(project.database, id, true));
    workstation.changed('semantics', 'undo');
    return null;
  },
  'semantics.labelSets': (_input, workstation) => viewLabelSets(workstation.project.project),
  'semantics.imageSets': (_input, workstation) => viewImageSets(workstation.project.project),
  'semantics.filter': ({ layer, filter }, workstation) => describeFilter(workstation.project.project, layer, filter),
  'semantics.crossAnnotation': (input, workstation) => crossAnnotate(workstation.project.project, input),
  'semantics.importWords': async ({ file }, workstation) => {
    const words = await readWordList(file);
    const { project } = workstation.project;
    const said = listWordKinds(project.database);
    const before = words.map(([word]): [string, WordKind | null] => [word, said.get(word) ?? null]);
    changeWithUndo(project, 'words', `kinds of ${words.length} words from a file`, { before }, () =>
      importWordList(project, words),
    );
    workstation.changed('semantics', 'undo');
    return { words: words.length };
  },
  'semantics.importRelations': async ({ file }, workstation) => {
    const relations = await importRelations(workstation.project.project, file);
    workstation.changed('semantics');
    return { relations };
  },
  'semantics.planLabels': (input, workstation) => planLabels(workstation.project.project, input),
  'semantics.removeLabels': ({ id }, workstation) => {
    const { project } = workstation.project;
    const found = listLabelSets(project.database).find((set) => set.id === id);
    if (!found) throw new UserError({ code: 'not-found', what: `there are no labels ${id}` });
    changeWithUndo(project, 'labels-removal', `removal of labels ${found.name}`, { id }, () =>
      setLabelSetRemoved(project.database, id, true),
    );
    workstation.changed('semantics', 'undo');
    return null;
  },
  'semantics.removeImages': ({ id }, workstation) => {
    const { project } = workstation.project;
    const found = listImageSets(project.database).find((set) => set.id === id);
    if (!found) throw new UserError({ code: 'not-found', what: `there are no pictures ${id}` });
    changeWithUndo(project, 'images-removal', `removal of pictures ${found.name}`, { id }, () =>
      setImageSetRemoved(project.database, id, true),
    );
    workstation.changed('semantics', 'undo');
    return null;
  },
};

function findVocabulary({ database }: Project, id: number): Vocabulary {
  const found = listVocabularies(database).find((vocabulary) => vocabulary.id === id);
  if (!found) throw new UserError({ code: 'not-found', what: `there is no vocabulary ${id}` });
  return found;
}

function viewVocabularies(project: Project): VocabularyView[] {
  const { database } = project;
  const decodings = currentDecodings(project);
  const mask = currentMask(database);
  return listVocabularies(database).map(({ id, name, content, importedAt, maskHash }) => ({
    ...{ id, name, origin: content.origin, terms: content.terms.length, voxels: content.voxels, studies: content.summary },
    ...{ threshold: content.threshold, files: content.files, importedAt },
    decodings: decodings
      .filter(({ vocabularyId }) => vocabularyId === id)
      .map(({ embeddingId, spatialNull }) => ({ embedding: embeddingId, permutations: spatialNull?.permutations ?? null })),
    maskIsCurrent: mask?.hash === maskHash,
  }));
}

function viewTerms(project: Project, id: number): TermView[] {
  const { terms, topicWords, studies, associatedVoxels } = findVocabulary(project, id).content;
  const kinds = kindsOfTerms(project.database, terms);
  const said = listWordKinds(project.database);
  return terms.map((term, place) => ({
    ...{ term, title: titleOfTerm(term), kind: kinds[place]!, isChosen: said.has(term) },
    words: topicWords?.[place] ?? null,
    studies: studies?.[place] ?? null,
    associatedVoxels: associatedVoxels?.[place] ?? null,
  }));
}
