import type { z } from 'zod';
import { modelChange } from '../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { isNameTaken, updateModelCard, type Model } from '../project/queries/models';
import type { ModelSummary } from './activation-keys';
import { findModel } from './extract-plan';
import { changeCard, viewCard } from './model-card';
import { changeWithUndo } from './routes/undo';

export type ModelChange = z.infer<typeof modelChange>;

/** What of a model can be changed, as it is. */
export function changeableOf({ name, architecture, trainedOn, top1Percent, summary, card }: Model): ModelChange {
  const { inputSize, licence, notes } = viewCard(card);
  const { preprocessing } = summary as ModelSummary;
  return { name, architecture, trainedOn, top1Percent, preprocessing, card: { inputSize, licence, notes } };
}

/**
 * Changes a model's card, so that it can be taken back. With another preprocessing its activations are others: those that are
 * there stay and count again when it is changed back.
 * @throws UserError when another model has the name
 */
export function changeModel(project: Project, model: Model, changed: ModelChange): void {
  const { database } = project;
  const { id, name, architecture, trainedOn, top1Percent, card } = model;
  if (isNameTaken(database, changed.name, id)) {
    const found = 'a model, here or removed, that has it';
    throw new UserError({ code: 'duplicate', what: `the name ${changed.name} is taken`, found, remedy: 'choose another name' });
  }
  const before = { id, name, architecture, trainedOn, top1Percent, card };
  const { preprocessing } = model.summary as ModelSummary;
  const next = { ...changed, card: changeCard(viewCard(card), changed.card, changed.top1Percent !== top1Percent) };
  changeWithUndo(project, 'model-card', `change of model ${name}`, { ...before, preprocessing }, () =>
    updateModelCard(database, id, next),
  );
}

/** What to change of a card; what is left out stays. */
export type ModelCardChange = Partial<Omit<ModelChange, 'card' | 'preprocessing'>> & {
  card?: Partial<ModelChange['card']>;
  preprocessing?: Partial<ModelChange['preprocessing']>;
};

/** The card of the model of this name. @throws UserError when there is none */
export function readModelCard(project: Project, name: string): ModelChange {
  return changeableOf(findModel(project, name));
}

/** Changes some of a card, and gives it back as it is now. A mean and deviation belong to the normalisation they are given with. */
export function changeModelNamed(
  project: Project,
  name: string,
  { card, preprocessing, ...change }: ModelCardChange,
): ModelChange {
  const model = findModel(project, name);
  const before = changeableOf(model);
  const { mean: _mean, deviation: _deviation, ...plain } = before.preprocessing;
  const next = {
    ...{ ...before, ...change, card: { ...before.card, ...card } },
    preprocessing: { ...(preprocessing?.normalisation ? plain : before.preprocessing), ...preprocessing },
  };
  const parsed = modelChange.safeParse(next);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError({
      code: 'setting-invalid',
      what: `the model card cannot say so: ${issue!.path.join(' ')}`,
      found: issue!.message,
    });
  }
  changeModel(project, model, parsed.data);
  return readModelCard(project, parsed.data.name);
}
