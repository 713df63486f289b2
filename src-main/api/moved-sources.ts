import { toErrorReport, UserError } from '../../src-preload/shared/domain/errors';
import type { JobContext } from '../jobs/queue';
import { listRecordedSources } from '../project/queries/recorded-sources';
import { namesBelow } from './source-places';

type Handler = (input: never, context: JobContext) => Promise<unknown>;

/**
 * A job as it is, but for an error that names a file which is not there: where the project recorded it as a source, the error says how to
 * tell where it is now.
 */
export function tellingWhereSourcesAre<Job extends Handler>(job: Job): Job {
  const told: Handler = async (input, context) => {
    try {
      return await job(input, context);
    } catch (caught) {
      throw explainMissing(caught, context);
    }
  };
  return told as Job;
}

function explainMissing(caught: unknown, { project }: JobContext): unknown {
  const report = toErrorReport(caught);
  if (report.kind !== 'user' || report.details.code !== 'file-missing') return caught;
  const { file } = report.details;
  // A frame lies in the folder that was recorded.
  const isSource = file !== undefined && listRecordedSources(project.database).some(({ path }) => namesBelow(path, file));
  if (!isSource) return caught;
  const remedy = 'put it back, or say where it is now: Find moved files… in Overview, or `syncact relink`';
  return new UserError({ ...report.details, remedy });
}
