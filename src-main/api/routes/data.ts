import { statSync } from 'node:fs';
import type { ParsedRouteInput } from '../../../src-preload/shared/contract/routes';
import type { ImportPlan, RunView } from '../../../src-preload/shared/contract/views';
import { toErrorReport } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { currentMask } from '../../project/queries/masks';
import { listRuns } from '../../project/queries/runs';
import { listSources, sourceState } from '../../project/queries/sources';
import { listSubjects, splitSeed, type Split } from '../../project/queries/subjects';
import { planRuns, type PlannedRun } from '../fmri-plan';
import { describePreparation } from '../preparation';
import type { RouteHandlers } from '../requests';
import { changeSplit } from '../split';
import { settleTiming } from '../timing';
import { changeWithUndo } from './undo';

/** Voxels of the paper's mask on the 4 mm grid, for estimates before there is a mask. */
const USUAL_VOXELS = 28_549;

export const dataRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `data.${string}`>> = {
  'data.runs': (_input, workstation) => viewRuns(workstation.project.project),
  'data.planImport': (input, workstation) => planImport(workstation.project.project, input),
  'data.setSplit': (input, workstation) => {
    const { project } = workstation.project;
    const parts = listSubjects(project.database).map(({ name, split }): [string, Split] => [name, split]);
    const detail = { parts, seed: splitSeed(project.database) };
    changeWithUndo(project, 'split', 'change of the split', detail, () => {
      changeSplit(project, 'seed' in input ? { seed: input.seed } : { [input.split]: input.subjects });
    });
    workstation.changed('data', 'embeddings', 'couplings', 'undo');
    return null;
  },
};

function viewRuns({ database }: Project): RunView[] {
  const states = new Map(listSources(database).map((source) => [source.path, sourceState(source)]));
  return listRuns(database).map((run) => {
    const { id, subject, movieRun, split, volumes, trSeconds, constantVoxels, nonFiniteVoxels, warnings } = run;
    return {
      ...{ id, subject, movieRun, split, volumes, trSeconds, constantVoxels, nonFiniteVoxels, warnings },
      ...{ source: run.sourcePath, sourceState: states.get(run.sourcePath) ?? 'missing', maskIsCurrent: run.maskIsCurrent },
      ...{ hasMean: run.meanFile !== null, importedAt: run.importedAt, preparation: describePreparation(run) },
    };
  });
}

/** What an import would do, from headers only. Every reason to refuse it is among the problems; nothing is thrown or written. */
async function planImport(project: Project, input: ParsedRouteInput<'data.planImport'>): Promise<ImportPlan> {
  const mask = currentMask(project.database);
  const plan: ImportPlan = { runs: [], problems: [], remarks: [], estimatedBytes: 0 };
  let planned: PlannedRun[];
  try {
    const found = await planRuns(input.source, input.trSeconds, input.confounds !== 'none', new AbortController().signal);
    planned = found.runs;
    plan.problems.push(...found.problems.map(toErrorReport));
  } catch (caught) {
    return { ...plan, problems: [toErrorReport(caught)] };
  }
  const present = new Set(listRuns(project.database).map((run) => `${run.subject} ${run.movieRun}`));
  plan.runs = planned.map((run) => describePlanned(run, present));
  for (const [movieRun, runs] of Map.groupBy(planned, (run) => run.movieRun)) {
    const lengths = runs.map((run) => ({ what: run.subject, timePoints: run.volumes, trSeconds: run.trSeconds }));
    try {
      const { trimmed } = settleTiming(movieRun, lengths, input.trim);
      if (trimmed) plan.remarks.push(`${movieRun}: ${trimmed}`);
    } catch (caught) {
      plan.problems.push(toErrorReport(caught));
    }
  }
  const again = plan.runs.filter((run) => run.present).length;
  if (again > 0)
    plan.remarks.push(`${again} of these runs are in the project already; they are imported again where something changed`);
  const bytesPerValue = input.dataType === 'float16' ? 2 : 4;
  const voxels = mask?.voxels ?? USUAL_VOXELS;
  plan.estimatedBytes = plan.runs.reduce((sum, run) => sum + run.volumes * voxels * bytesPerValue, 0);
  return plan;
}

function describePlanned(run: PlannedRun, present: ReadonlySet<string>): ImportPlan['runs'][number] {
  const { mask, confounds, ...found } = run;
  return {
    ...found,
    bytes: statSync(run.source).size,
    hasMask: mask !== undefined,
    hasConfounds: confounds !== undefined,
    present: present.has(`${run.subject} ${run.movieRun}`),
  };
}
