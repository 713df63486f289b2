import type { RelinkPreview } from '../../../src-preload/shared/contract/sources';
import type { RouteHandlers } from '../requests';
import { findMissingSources, planRelink, type RelinkPlan } from '../relink';

/** Nobody reads more of them; how many there are is told. */
const MOST_LEFT = 100;

export const sourceRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `sources.${string}`>> = {
  'sources.missing': (_input, workstation) => {
    const { sources, folders } = findMissingSources(workstation.project.project);
    return { sources: sources.length, folders };
  },
  'sources.planRelink': ({ from, to }, workstation) => preview(planRelink(workstation.project.project, from, to)),
};

function preview({ sources, unmoved }: RelinkPlan): RelinkPreview {
  const left = sources.flatMap(({ source, why }) => (why === null ? [] : [{ path: source.path, why }]));
  const toCompare = sources.filter(({ why }) => why === null);
  return {
    toCompare: toCompare.length,
    bytesToCompare: toCompare.reduce((sum, { source }) => sum + (source.file?.bytes ?? 0), 0),
    left: left.slice(0, MOST_LEFT),
    leftInAll: left.length,
    unmoved,
  };
}
