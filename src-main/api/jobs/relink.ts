import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { ComparedSourcePart, RelinkReport } from '../../../src-preload/shared/contract/sources';
import type { JobContext } from '../../jobs/queue';
import { moveSources, type MovedSource } from '../../project/queries/move-sources';
import { planRelink, rememberRefused } from '../relink';

/** Found sources are stored together once so many are found, or so much time has passed. */
const MOST_UNSTORED = 200;
const LONGEST_UNSTORED_MS = 1000;
/** Warnings about single sources; of a folder that is not there at all there may be thousands. */
const MOST_WARNINGS = 20;

/**
 * Has the project find its sources where they are now; only those whose content is the same there, compared by hash, are changed. What
 * was found when it is cancelled stays found.
 */
export async function relink(input: ParsedJobInput<'relink'>, context: JobContext): Promise<RelinkReport> {
  const { project, runTask } = context;
  const plan = planRelink(project, input.from, input.to);
  const report: RelinkReport = { relinked: [], left: [], unmoved: plan.unmoved };
  for (const { source, why } of plan.sources) if (why !== null) report.left.push({ path: source.path, why });
  const toCompare = plan.sources.filter(({ why }) => why === null);
  let found: MovedSource[] = [];
  let storedAt = performance.now();
  const store = () => {
    moveSources(project.database, found);
    report.relinked.push(...found.map(({ source, path }) => ({ from: source.path, to: path })));
    found = [];
    storedAt = performance.now();
  };
  const hear = ({ index, found: one }: ComparedSourcePart) => {
    const { source, places } = toCompare[index]!;
    if ('place' in one) found.push({ source, path: one.place });
    else {
      report.left.push({ path: source.path, why: one.why });
      rememberRefused(project, source, places, one.why);
    }
    if (found.length >= MOST_UNSTORED || performance.now() - storedAt > LONGEST_UNSTORED_MS) store();
  };
  const sources = toCompare.map(({ source: { kind, hash, file }, places }) => {
    return { kind, places, hash: hash!, fileHash: file?.hash ?? null, bytes: file?.bytes ?? null };
  });
  try {
    if (sources.length > 0) await runTask('compare-sources', { sources }, hear);
  } finally {
    store();
  }
  warnOfLeft(report, context);
  return report;
}

function warnOfLeft({ left }: RelinkReport, { warn }: JobContext): void {
  for (const { path, why } of left.slice(0, MOST_WARNINGS)) warn(`left as it is: ${path} (${why})`);
  if (left.length > MOST_WARNINGS) warn(`${left.length - MOST_WARNINGS} more sources are left as they are`);
}
