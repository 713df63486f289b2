import { UserError } from '../../../src-preload/shared/domain/errors';
import type { RouteHandlers } from '../requests';

/** A change that can be taken back, newest last in the workstation's list. */
export interface UndoStep {
  /** What it was: "removal of model resnet18". */
  label: string;
  undo(): void;
}

export const undoRoutes: Pick<RouteHandlers, 'undo.next' | 'undo.undo'> = {
  'undo.next': (_input, { undoSteps }) => ({ label: undoSteps.at(-1)?.label ?? null }),
  'undo.undo': (_input, workstation) => {
    const step = workstation.undoSteps.pop();
    if (!step) throw new UserError({ what: 'there is nothing to undo' });
    step.undo();
    workstation.changed('data', 'models', 'embeddings', 'couplings', 'undo');
    return { label: step.label };
  },
};
