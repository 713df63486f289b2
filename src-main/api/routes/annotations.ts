import type { AnnotationChange, AnnotationRouteOutputs } from '../../../src-preload/shared/contract/annotation-views';
import type { ParsedRouteInput } from '../../../src-preload/shared/contract/routes';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { listAuthors, nextStep } from '../../annotation/replay';
import { describeStep } from '../../annotation/steps';
import { tagHistory } from '../../annotation/tags';
import { carryEvents, viewCarry } from '../annotations/carry';
import { adjudicationEvents, bulkEvents, decisionEvents, filterEvents, tagEvents } from '../annotations/events';
import { mergeLog, viewImportPlan } from '../annotations/exchange';
import { importEvents } from '../annotations/import-events';
import { annotationLog, type NewEvent } from '../annotations/log';
import { viewMeanings } from '../annotations/meanings';
import { PairPlaces } from '../annotations/pairs';
import { viewProgress } from '../annotations/progress';
import { viewAgreement } from '../annotations/two-raters';
import { changedPairs, viewChange, viewPair, viewState, type Viewer } from '../annotations/views';
import type { RouteHandlers } from '../requests';
import type { Workstation } from '../workstation';

type AnnotationRoute = Extract<keyof RouteHandlers, `annotations.${string}`>;

export const annotationRoutes: Pick<RouteHandlers, AnnotationRoute> = {
  'annotations.authors': (_input, workstation) => listAuthors(annotationLog(workstation.project.project).state),
  'annotations.progress': (_input, workstation) => viewProgress(workstation.project.project),
  'annotations.state': (viewer, workstation) => viewState(workstation.project.project, viewer),
  'annotations.meanings': ({ embedding }, workstation) => viewMeanings(workstation.project.project, embedding),
  'annotations.pair': ({ pair, ...viewer }, workstation) => viewPair(workstation.project.project, pair, viewer),
  'annotations.decide': (input, workstation) => change(workstation, input, (project) => decisionEvents(project, input)),
  'annotations.decideMany': (input, workstation) => change(workstation, input, (project) => bulkEvents(project, input)),
  'annotations.adjudicate': (input, workstation) => change(workstation, input, (project) => adjudicationEvents(project, input)),
  'annotations.tag': (input, workstation) => change(workstation, input, (project) => tagEvents(project, input)),
  'annotations.saveFilter': (input, workstation) => change(workstation, input, (_project) => filterEvents(input)),
  'annotations.step': takeStep,
  'annotations.tagHistory': (_input, workstation) => tagHistory(annotationLog(workstation.project.project).state),
  'annotations.agreement': ({ raters }, workstation) => viewAgreement(workstation.project.project, raters),
  'annotations.planImport': ({ file, author }, workstation) => viewImportPlan(workstation.project.project, file, author),
  'annotations.import': async (input, workstation) => {
    const events = isCommitted(workstation, input.id) ? [] : await importEvents(workstation.project.project, input);
    return change(workstation, input, () => events);
  },
  'annotations.planCarry': (carry, workstation) => viewCarry(workstation.project.project, carry),
  'annotations.carry': async (input, workstation) => {
    const carry = { author: input.author, from: input.from, to: input.embedding, leastR: input.leastR };
    const events = isCommitted(workstation, input.id) ? [] : await carryEvents(workstation.project.project, input.id, carry);
    return change(workstation, input, () => events);
  },
  'annotations.merge': async ({ file }, workstation) => {
    const merged = await mergeLog(workstation.project.project, file);
    tell(workstation);
    return merged;
  },
};

/** Commits a change that was not committed before, tells the windows, and says what it comes to. */
function change(
  workstation: Workstation,
  viewer: Viewer & { id: string },
  events: (project: Workstation['project']['project']) => readonly NewEvent[],
): AnnotationChange {
  const { project } = workstation.project;
  const log = annotationLog(project);
  if (!isCommitted(workstation, viewer.id)) {
    log.append(events(project));
    tell(workstation);
  }
  return viewChange(project, viewer, changedPairs(log.state.steps.get(viewer.id)));
}

function isCommitted(workstation: Workstation, id: string): boolean {
  const log = annotationLog(workstation.project.project);
  return log.state.steps.has(id) || log.has(id);
}

function tell(workstation: Workstation): void {
  workstation.emit('annotations.changed', { counter: annotationLog(workstation.project.project).state.counter });
}

function takeStep(
  input: ParsedRouteInput<'annotations.step'>,
  workstation: Workstation,
): AnnotationRouteOutputs['annotations.step'] {
  const { id, author, way, embedding } = input;
  const { project } = workstation.project;
  const log = annotationLog(project);
  // Asked again because the answer was lost: it is done, and the window asks for the state.
  if (log.has(id)) return { ...viewChange(project, input, []), entries: null, label: null, pair: null };
  const target = nextStep(log.state, author, way);
  if (target === undefined) throw new UserError({ code: 'nothing-to-do', what: `there is nothing to ${way}` });
  const step = log.state.steps.get(target)!;
  log.append([{ kind: way, id, author, group: id, target }]);
  tell(workstation);
  const view = viewChange(project, input, changedPairs(step));
  const isOfPairs = step.events.every((event) => 'pair' in event);
  const [first] = step.events;
  const places = new PairPlaces(project);
  const identity = first && 'pair' in first ? first.pair : undefined;
  const layer = identity && identity.embedding === places.embeddingKey(embedding) ? places.layerOf(identity) : undefined;
  return {
    ...{ ...view, entries: isOfPairs ? view.entries : null, label: describeStep(step) },
    pair: identity && layer !== undefined ? { layer, fbn: identity.fbn, filter: identity.filter } : null,
  };
}
