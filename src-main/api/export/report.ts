import type { FramesChoice, ReportTask } from '../../../src-preload/shared/contract/report';
import type { TaskResult } from '../../../src-preload/shared/contract/compute-tasks';
import { describeVariant } from '../../../src-preload/shared/domain/variant-name';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { runInComputeProcess } from '../../jobs/compute-process';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { readProjectName } from '../../project/queries/project-name';
import { readableTable } from '../../report/format-table';
import { chooseEmbedding } from '../jobs/couple';
import { methodsOf } from '../methods';
import { programVersion } from '../version';
import { explorerSource } from './explorer-source';
import { reportFigures } from './report-figures';
import { reportTables } from './report-tables';

export interface ReportChoice {
  /** The newest coupled one where left out, else the newest. */
  embedding?: number | undefined;
  frames: FramesChoice;
}

/** Writes a report of an embedding and all that was found with it; the file appears whole or not at all. */
export async function exportReport(
  project: Project,
  { format, file, ...choice }: ReportChoice & Pick<ReportTask, 'format' | 'file'>,
  context: WorkContext,
): Promise<{ file: string; bytes: number }> {
  const task = await prepareReport(project, choice, format, file);
  const { bytes } = (await runInComputeProcess('report', task, context)) as TaskResult<'report'>;
  return { file, bytes };
}

async function prepareReport(
  project: Project,
  choice: ReportChoice,
  format: ReportTask['format'],
  file: string,
): Promise<ReportTask> {
  const embedding = chooseEmbedding(project, choice.embedding ?? newestCoupled(project));
  return {
    ...{ format, file, title: `${readProjectName(project.database)}: synchronized activations` },
    facts: factsOf(project, embedding),
    methods: methodsOf(project, embedding),
    tables: (await reportTables(project, embedding)).map(readableTable),
    figures: await reportFigures(project, embedding, choice.frames, format),
    explorer: format === 'html' ? explorerSource(project, embedding) : null,
    provenance: {
      program: `Sync-ACT Workstation ${programVersion}`,
      embedding: { key: embedding.key, variant: embedding.variant, settings: embedding.settings, ...embedding.provenance },
      checkpoint: embedding.result!.best.hash,
      couplings: listCouplings(project.database, embedding.id).map(({ key, model, layer, movieRun, direction, correction }) => ({
        ...{ key, model, layer, movieRun, direction, correction: correction?.key ?? null },
      })),
      frames: choice.frames,
    },
  };
}

/** The newest embedding that is coupled with anything; undefined where none is. */
export function newestCoupled({ database }: Project): number | undefined {
  return listCouplings(database).reduce<number | undefined>(
    (newest, { embeddingId }) => Math.max(newest ?? 0, embeddingId),
    undefined,
  );
}

function factsOf({ database }: Project, embedding: Embedding): ReportTask['facts'] {
  const couplings = listCouplings(database, embedding.id);
  const corrected = couplings.filter(({ correction }) => correction !== null).length;
  const explained = embedding.result!.explainedVariance;
  const count = (names: string[]) => String(new Set(names).size);
  return [
    { name: 'embedding', value: `${embedding.id}, ${describeVariant(embedding)}, ${embedding.fbns} FBNs` },
    ...(explained === null ? [] : [{ name: 'explained variance', value: `${(100 * explained).toFixed(1).replace('-', '−')} %` }]),
    { name: 'models', value: count(couplings.map(({ model }) => model)) },
    { name: 'movie runs', value: count(couplings.map(({ movieRun }) => movieRun)) },
    { name: 'couplings', value: String(couplings.length) },
    {
      name: 'mode',
      value: corrected === 0 ? 'paper' : `paper, and corrected of ${corrected} of ${couplings.length} couplings`,
    },
    { name: 'made with', value: `Sync-ACT Workstation ${programVersion}` },
  ];
}
