import {
  routeInputs,
  type ParsedRouteInput,
  type Reply,
  type Route,
  type RouteOutputs,
} from '../../src-preload/shared/contract/routes';
import { toErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import { checkPaths } from './path-access';
import { annotationRoutes } from './routes/annotations';
import { appRoutes } from './routes/app';
import { couplingRoutes } from './routes/couplings';
import { dataRoutes } from './routes/data';
import { embeddingRoutes } from './routes/embeddings';
import { figureRoutes } from './routes/figures';
import { jobRoutes } from './routes/jobs';
import { modelRoutes } from './routes/models';
import { movieRoutes } from './routes/movies';
import { semanticsRoutes } from './routes/semantics';
import { sourceRoutes } from './routes/sources';
import { undoRoutes } from './routes/undo';
import type { Workstation } from './workstation';

/** One handler for every route of the contract; a missing one does not compile. */
export type RouteHandlers = {
  [Name in Route]: (input: ParsedRouteInput<Name>, workstation: Workstation) => RouteOutputs[Name] | Promise<RouteOutputs[Name]>;
};

export const routeHandlers: RouteHandlers = {
  ...appRoutes,
  ...jobRoutes,
  ...dataRoutes,
  ...sourceRoutes,
  ...movieRoutes,
  ...modelRoutes,
  ...embeddingRoutes,
  ...figureRoutes,
  ...couplingRoutes,
  ...semanticsRoutes,
  ...annotationRoutes,
  ...undoRoutes,
};

/** Answers a request of the untrusted renderer: route and input are checked first; errors are values, never exceptions. */
export async function answerRequest(workstation: Workstation, route: unknown, input: unknown): Promise<Reply> {
  try {
    if (typeof route !== 'string' || !Object.hasOwn(routeHandlers, route))
      throw new UserError({ code: 'request-refused', what: 'there is no such route', found: String(route) });
    const name = route as Route;
    const parsed = routeInputs[name].safeParse(input);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const place = issue?.path.join('.');
      throw new UserError({
        code: 'request-refused',
        what: `bad input for ${name}${place ? `: ${place}` : ''}`,
        found: issue?.message ?? 'not understood',
      });
    }
    checkPaths(routeInputs[name], parsed.data, workstation.options.paths);
    const handler = routeHandlers[name] as (input: unknown, workstation: Workstation) => Promise<RouteOutputs[Route]>;
    return { ok: true, data: await handler(parsed.data, workstation) };
  } catch (caught) {
    const error = toErrorReport(caught);
    if (error.kind === 'fault') workstation.log.add('failure', `request ${String(route)}: ${error.stack ?? error.message}`);
    return { ok: false, error };
  }
}
