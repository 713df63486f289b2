import { randomUUID } from 'node:crypto';
import {
  figureFormats,
  type DrawnFigure,
  type FigureFormat,
  type FigureSpec,
} from '../../../src-preload/shared/contract/figures';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { Project } from '../../project/project';
import type { ResourceRoute } from '../resources/resource';
import { bytes, present } from '../resources/resource';
import { drawFigure } from './make-figure';
import { NewestFiles } from './newest-files';

/** A window shows one figure and saves it from there; a few windows may do so at a time. */
const files = new NewestFiles(8, 128 << 20);

const types: Record<FigureFormat, string> = { svg: 'image/svg+xml', pdf: 'application/pdf', png: 'image/png' };

/** Draws a figure for a window, and keeps its file for it until newer ones take its place. */
export async function drawForWindow(
  project: Project,
  spec: FigureSpec,
  format: FigureFormat,
  context: WorkContext,
): Promise<DrawnFigure> {
  const { bytes: file, widthMm, heightMm, task } = await drawFigure(project, spec, format, context);
  const id = randomUUID();
  files.add(id, file);
  return {
    ...{ id, format, bytes: file.byteLength, widthMm, heightMm },
    provenance: JSON.stringify(task.provenance, null, 2),
    rows:
      (task.pairs ?? task.nulls)?.map(({ fbn, model, layer, filter, movieRun }) => ({ fbn, model, layer, filter, movieRun })) ??
      null,
  };
}

export const figureResources: readonly ResourceRoute[] = [
  {
    pattern: new RegExp(`^/resource/figures/([0-9a-f-]{36})\\.(${figureFormats.join('|')})$`),
    answer(_project, [id, format]) {
      const response = bytes(present(files.get(id!), 'this figure is gone: draw it again'), types[format as FigureFormat]);
      // An SVG that is opened on its own is a page: it may run and fetch nothing.
      response.headers.set(
        'content-security-policy',
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:",
      );
      return response;
    },
  },
];
