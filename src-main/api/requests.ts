import { routeInputs, type Reply, type Route, type RouteOutputs } from '../../src-preload/shared/contract/routes';
import { toErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import type { Project } from '../project/project';
import { describeProject } from './project-info';

/** One handler for every route of the contract; a missing one does not compile. */
const handlers: { [Name in Route]: (project: Project) => RouteOutputs[Name] | Promise<RouteOutputs[Name]> } = {
  'project.info': describeProject,
};

/** Answers a request of the untrusted renderer: route and input are checked first; errors are values, never exceptions. */
export async function answerRequest(project: Project, route: unknown, input: unknown): Promise<Reply> {
  try {
    if (typeof route !== 'string' || !Object.hasOwn(handlers, route))
      throw new UserError({ what: 'there is no such route', found: String(route) });
    const name = route as Route;
    const parsed = routeInputs[name].safeParse(input);
    if (!parsed.success)
      throw new UserError({ what: `bad input for ${name}`, found: parsed.error.issues[0]?.message ?? 'not understood' });
    return { ok: true, data: await handlers[name](project) };
  } catch (caught) {
    return { ok: false, error: toErrorReport(caught) };
  }
}
