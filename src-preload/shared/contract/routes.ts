import { z } from 'zod';
import type { ErrorReport } from '../domain/errors';
import type { ProjectInfo } from './project-info';

/** What the renderer may ask of the host: the input each route takes (a value: the renderer is not trusted). */
export const routeInputs = {
  'project.info': z.strictObject({}),
} as const;

/** What each route gives back (types only: the host is trusted). */
export interface RouteOutputs {
  'project.info': ProjectInfo;
}

export type Route = keyof typeof routeInputs;
export type RouteInput<Name extends Route> = z.input<(typeof routeInputs)[Name]>;

/** A result as it crosses to the renderer: a rejected promise would keep only its message. */
export type Reply<Name extends Route = Route> = { ok: true; data: RouteOutputs[Name] } | { ok: false; error: ErrorReport };

/** What the preload script (or the browser host's client) gives the renderer. */
export interface HostBridge {
  request<Name extends Route>(route: Name, input: RouteInput<Name>): Promise<Reply<Name>>;
}
