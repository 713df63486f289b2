import type { WordKind } from '../../../src-preload/shared/domain/words';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { setEmbeddingRemoved } from '../../project/queries/embeddings';
import { setModelRemoved, updateModelCard, type Model } from '../../project/queries/models';
import { storeSplit, type Split } from '../../project/queries/subjects';
import { addUndoStep, deleteUndoStep, lastUndoStep } from '../../project/queries/undo-steps';
import { setLabelSetRemoved } from '../../project/queries/filter-labels';
import { setImageSetRemoved } from '../../project/queries/image-sets';
import { setVocabularyRemoved } from '../../project/queries/vocabularies';
import { setWordKinds } from '../../project/queries/word-kinds';
import type { RouteHandlers } from '../requests';

/** What is needed to take a change back, by its kind; kept in the project, so that a restart loses nothing. */
interface UndoDetails {
  split: { parts: [subject: string, part: Split][]; seed: number };
  'model-card': Pick<Model, 'id' | 'name' | 'architecture' | 'trainedOn' | 'top1Percent' | 'card'> & { preprocessing?: unknown };
  'model-removal': { id: number };
  'embedding-removal': { id: number };
  'vocabulary-removal': { id: number };
  'labels-removal': { id: number };
  'images-removal': { id: number };
  words: { before: [word: string, kind: WordKind | null][] };
}

const takeBack: { [Kind in keyof UndoDetails]: (project: Project, detail: UndoDetails[Kind]) => void } = {
  split: ({ database }, { parts, seed }) => storeSplit(database, new Map(parts), seed),
  'model-card': ({ database }, { id, ...card }) => updateModelCard(database, id, card),
  'model-removal': ({ database }, { id }) => setModelRemoved(database, id, false),
  'embedding-removal': ({ database }, { id }) => setEmbeddingRemoved(database, id, false),
  'vocabulary-removal': ({ database }, { id }) => setVocabularyRemoved(database, id, false),
  'labels-removal': ({ database }, { id }) => setLabelSetRemoved(database, id, false),
  'images-removal': ({ database }, { id }) => setImageSetRemoved(database, id, false),
  words: ({ database }, { before }) => {
    for (const [word, kind] of before) setWordKinds(database, [word], kind);
  },
};

/** Makes a change together with what takes it back. @param label what it is: "removal of model resnet18" */
export function changeWithUndo<Kind extends keyof UndoDetails>(
  { database }: Project,
  kind: Kind,
  label: string,
  detail: UndoDetails[Kind],
  change: () => void,
): void {
  database.transaction(() => {
    change();
    addUndoStep(database, { kind, label, detail });
  })();
}

export const undoRoutes: Pick<RouteHandlers, 'undo.next' | 'undo.undo'> = {
  'undo.next': (_input, workstation) => ({ label: lastUndoStep(workstation.project.project.database)?.label ?? null }),
  'undo.undo': (_input, workstation) => {
    const { project } = workstation.project;
    const step = lastUndoStep(project.database);
    if (!step) throw new UserError({ code: 'nothing-to-do', what: 'there is nothing to undo' });
    project.database.transaction(() => {
      const undo = takeBack[step.kind as keyof UndoDetails] as (project: Project, detail: unknown) => void;
      undo(project, step.detail);
      deleteUndoStep(project.database, step.id);
    })();
    workstation.changed('data', 'models', 'embeddings', 'couplings', 'semantics', 'undo');
    return { label: step.label };
  },
};
