import { drawForWindow } from '../figures/drawn';
import { listFigures, removeFigure, saveFigure } from '../figures/saved';
import type { RouteHandlers } from '../requests';
import { quietContext } from '../../../src-preload/shared/domain/work';

export const figureRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `figures.${string}`>> = {
  'figures.draw': ({ spec, format }, workstation) => drawForWindow(workstation.project.project, spec, format, quietContext()),
  'figures.list': (_input, workstation) => listFigures(workstation.project.project),
  'figures.save': async ({ name, spec }, workstation) => {
    const saved = await saveFigure(workstation.project.project, name, spec);
    workstation.changed('figures');
    return saved;
  },
  'figures.remove': ({ name }, workstation) => {
    removeFigure(workstation.project.project, name);
    workstation.changed('figures');
    return null;
  },
};
