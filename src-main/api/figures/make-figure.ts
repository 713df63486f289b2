import { extname } from 'node:path';
import {
  figureFormats,
  figureSpec,
  type FigureFormat,
  type FigureSpec,
  type FigureTask,
} from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { writeContentAtomically } from '../../files/atomic-write';
import { runInComputeProcess } from '../../jobs/compute-process';
import type { TaskResult } from '../../../src-preload/shared/contract/compute-tasks';
import type { Project } from '../../project/project';
import { prepareFigure } from './prepare';

/** A figure's file, and what it was drawn from. */
export interface DrawnFile {
  bytes: Uint8Array;
  widthMm: number;
  heightMm: number;
  task: FigureTask;
}

/** Draws a figure of a project. */
export async function drawFigure(
  project: Project,
  spec: FigureSpec,
  format: FigureFormat,
  context: WorkContext,
): Promise<DrawnFile> {
  const task = await prepareFigure(project, spec, format);
  const { bytes, widthPoints, heightPoints } = (await runInComputeProcess('figure', task, context)) as TaskResult<'figure'>;
  return { bytes, widthMm: roundedMm(widthPoints), heightMm: roundedMm(heightPoints), task };
}

/** Draws a figure into a file, whose ending says the format; the file appears whole or not at all. */
export async function writeFigure(
  project: Project,
  spec: FigureSpec,
  file: string,
  context: WorkContext,
): Promise<{ file: string; bytes: number; widthMm: number; heightMm: number }> {
  const { bytes, widthMm, heightMm } = await drawFigure(project, spec, formatOf(file), context);
  await writeContentAtomically(file, bytes);
  return { file, bytes: bytes.byteLength, widthMm, heightMm };
}

/** Points in mm, to a tenth. */
function roundedMm(points: number): number {
  return Math.round((points / 72) * 254) / 10;
}

/** @throws UserError where a file's ending is not a figure's format */
export function formatOf(file: string): FigureFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const format = figureFormats.find((one) => one === ending);
  if (format) return format;
  throw new UserError({
    code: 'format-unknown',
    what: 'the ending of the file does not say a format for figures',
    file,
    expected: figureFormats.map((one) => `.${one}`).join(', '),
    found: ending === '' ? 'none' : `.${ending}`,
    remedy: 'name it like figure.svg',
  });
}

/** @throws UserError naming the first setting that a figure does not take */
export function parseFigureSpec(input: unknown, file?: string): FigureSpec {
  const parsed = figureSpec.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError({
    code: 'file-kind',
    what: 'this is not a figure',
    ...(file !== undefined && { file }),
    found: `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    remedy: 'see docs/figures.md for what a figure takes',
  });
}
