import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { writeExport } from '../export/write';

/** Writes a report, data for other programs, or a clip to a place outside of the project. */
export function exportResults(input: ParsedJobInput<'export'>, context: JobContext): Promise<{ path: string }> {
  return writeExport(context.project, input, context);
}
