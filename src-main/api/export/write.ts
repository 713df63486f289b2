import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import type { Project } from '../../project/project';
import { writeAnnotations } from '../annotations/commands';
import { exportBids } from './bids';
import { exportClip } from './clip';
import { exportLatex } from './latex';
import { exportNpz } from './npz';
import { exportReport } from './report';

/** Writes what is asked for to where it is asked for; files and folders appear whole or not at all. @returns their path */
export async function writeExport(
  project: Project,
  input: ParsedJobInput<'export'>,
  context: WorkContext,
): Promise<{ path: string }> {
  switch (input.as) {
    case 'html':
    case 'pdf': {
      const { as: format, ...choice } = input;
      return { path: (await exportReport(project, { ...choice, format }, context)).file };
    }
    case 'latex':
      return { path: (await exportLatex(project, input.file, input)).file };
    case 'bids':
      return { path: (await exportBids(project, input.folder, input, context)).folder };
    case 'npz':
      return { path: (await exportNpz(project, input.file, input, context)).file };
    case 'annotations':
      await writeAnnotations(project, input.file);
      return { path: input.file };
    case 'clip':
      return { path: (await exportClip(project, input.file, input, context)).file };
  }
}
