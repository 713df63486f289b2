import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfCancelled, UserError } from '../../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { annotationFiles } from '../../annotation/bids';
import { rowsOf } from '../../annotation/rows';
import { writeContentAtomically } from '../../files/atomic-write';
import { removeAbandoned, unfinishedPath } from '../../files/unfinished';
import { listCouplings } from '../../project/queries/couplings';
import { readMask } from '../../project/queries/masks';
import { readProjectName } from '../../project/queries/project-name';
import { listRuns } from '../../project/queries/runs';
import type { Project } from '../../project/project';
import { asJson, datasetDescription, seriesAsTsvGz, seriesSidecar, tableAsTsv } from '../../report/derivative';
import { annotationLog } from '../annotations/log';
import { chooseEmbedding } from '../jobs/couple';
import { buildReportTable } from '../report';
import { programVersion } from '../version';
import { bidsLabel, bidsPath, bidsRun, withSources, type ExportSources } from './sources';

export interface BidsExport {
  folder: string;
  files: string[];
}

/** Writes a file of the derivative by its path in it. */
type Put = (path: string, content: string | Uint8Array) => Promise<void>;

/**
 * Writes an embedding, its activations, those of the filters, and the pairs as a BIDS derivative. The folder appears whole or not at
 * all.
 * @param folder a new one, or an empty one
 */
export async function exportBids(
  project: Project,
  folder: string,
  choice: { embedding?: number | undefined; filters: boolean },
  context: WorkContext,
): Promise<BidsExport> {
  await checkEmpty(folder);
  const embedding = chooseEmbedding(project, choice.embedding);
  await removeAbandoned(folder);
  const unfinished = unfinishedPath(folder);
  const files: string[] = [];
  const put: Put = async (path, content) => {
    throwIfCancelled(context.signal);
    // Names that differ only by what BIDS labels cannot hold would otherwise write over each other.
    if (files.includes(path))
      throw new UserError({ code: 'duplicate', what: 'two tables would have the same name in BIDS', found: path });
    await mkdir(dirname(join(unfinished, path)), { recursive: true });
    await writeContentAtomically(join(unfinished, path), content);
    files.push(path);
  };
  try {
    await withSources(project, embedding, async (sources) => {
      await putDescription(project, put);
      await putMaps(project, sources, put, unfinished, files);
      await putSeries(choice.filters ? sources : { ...sources, filters: [] }, put, context);
      await putPairs(project, sources, put);
      await putAnnotations(project, put);
    });
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { folder, files: files.sort() };
}

async function checkEmpty(folder: string): Promise<void> {
  const found = await readdir(folder).catch((caught: NodeJS.ErrnoException) => {
    if (caught.code === 'ENOENT') return [];
    throw new UserError({
      code: 'target-occupied',
      what: 'the export needs a folder',
      file: folder,
      found: caught.code ?? caught.message,
    });
  });
  if (found.length === 0) return;
  throw new UserError({
    code: 'target-occupied',
    what: 'the export needs a new or empty folder',
    file: folder,
    found: `${found.length} files in it`,
    remedy: 'name another one; nothing is written over',
  });
}

async function putDescription(project: Project, put: Put): Promise<void> {
  const name = readProjectName(project.database);
  const folders = new Set(listRuns(project.database).map(({ sourcePath }) => datasetOf(sourcePath)));
  await put(
    'dataset_description.json',
    datasetDescription({
      ...{ name: `${name}: synchronized activations`, program: programVersion, sources: [...folders].sort() },
      description: 'Functional brain networks, filter activations and their pairs by synchronized activations (Zhao et al. 2022)',
    }),
  );
  await put(
    'README.md',
    `# ${name}: synchronized activations\n\n` +
      'FBN maps are `desc-…_components.nii.gz`, one FBN per volume. FBN activations are `…_timeseries.tsv.gz`, filter activations ' +
      '`…_stim.tsv.gz`: a line per time point, no header, columns named in the JSON beside them. Pairs are `desc-…_pairs.tsv`. ' +
      'FBNs and filters are counted from 0.\n\n' +
      'BIDS has no names for these files yet; they are made of its entities, and `.bidsignore` names them to validators.\n',
  );
  await put('.bidsignore', `${beyondBids.join('\n')}\n`);
}

/** Suffixes of ours that BIDS does not list. */
const beyondBids = ['*_components.*', '*_timeseries.*', '*_stim.*', '*_pairs.*', '*_annotations.*'];

/** The folder that a scan's subject lies in, or the scan's own where its path names none. */
function datasetOf(path: string): string {
  const subject = /^(.+?)[/\\]sub-[^/\\]+[/\\]/.exec(path);
  return subject ? subject[1]! : dirname(path);
}

async function putMaps(project: Project, { embedding }: ExportSources, put: Put, folder: string, files: string[]): Promise<void> {
  const { maps, best, testSubjects, explainedVariance } = embedding.result!;
  const name = `desc-embedding${embedding.id}_components`;
  await copyFile(project.path(maps.file), join(folder, `${name}.nii.gz`));
  files.push(`${name}.nii.gz`);
  const mask = readMask(project.database, embedding.maskId)!;
  await put(
    `${name}.json`,
    asJson({
      Description: 'Maps of functional brain networks, one per volume: the columns of W; 0 outside the mask',
      ...{
        Variant: embedding.variant,
        Components: embedding.fbns,
        Settings: embedding.settings,
        Provenance: embedding.provenance,
      },
      ...{ CheckpointSHA256: best.hash, MapsSHA256: maps.hash, MaskSHA256: mask.hash, MaskVoxels: mask.voxels },
      ...{ TestSubjects: testSubjects, ExplainedVariance: explainedVariance },
    }),
  );
}

async function putSeries({ embedding, fbns, filters }: ExportSources, put: Put, context: WorkContext): Promise<void> {
  const total = fbns.length + filters.length;
  let done = 0;
  const tell = (stage: string) => context.progress({ stage, done: done++, total, unit: 'tables' });
  for (const series of fbns) {
    tell(`writing FBN activations, ${series.subject ?? 'mean'} ${series.movieRun}`);
    const matrix = series.read();
    const path = bidsPath(series, `desc-embedding${embedding.id}_timeseries`);
    const sidecar = {
      ...{
        description: 'Activations of functional brain networks',
        trSeconds: series.trSeconds,
        prefix: 'fbn',
        count: matrix.rows,
      },
      more: { Embedding: `desc-embedding${embedding.id}_components.nii.gz` },
    };
    await put(`${path}.tsv.gz`, await seriesAsTsvGz(matrix));
    await put(`${path}.json`, seriesSidecar(sidecar));
  }
  const labels = new Map<string, string>();
  for (const { model, layer, movieRun, trSeconds, read } of filters) {
    tell(`writing filter activations, ${model} ${layer} ${movieRun}`);
    const matrix = read();
    const path = `${bidsRun(movieRun)}_desc-${labelOfLayer(labels, model, layer)}_stim`;
    const sidecar = {
      ...{ description: 'Largest value of every feature map at each frame', trSeconds, prefix: 'filter', count: matrix.rows },
      more: { Model: model, Layer: layer, Reducer: 'max' },
    };
    await put(`${path}.tsv.gz`, await seriesAsTsvGz(matrix));
    await put(`${path}.json`, seriesSidecar(sidecar));
  }
}

/** A label of its own for every layer, also where two differ by what labels cannot hold. */
function labelOfLayer(labels: Map<string, string>, model: string, layer: string): string {
  const key = JSON.stringify([model, layer]);
  let label = labels.get(key);
  if (label === undefined) {
    const taken = new Set(labels.values());
    const plain = bidsLabel(model, layer);
    label = plain;
    for (let n = 2; taken.has(label); n++) label = `${plain}x${n}`;
    labels.set(key, label);
  }
  return label;
}

/** Nothing where nothing is coupled yet. */
async function putPairs(project: Project, { embedding }: ExportSources, put: Put): Promise<void> {
  if (listCouplings(project.database, embedding.id).length === 0) return;
  const { tsv, json } = tableAsTsv(buildReportTable(project, 'pairs', embedding.id).table);
  await put(`desc-embedding${embedding.id}_pairs.tsv`, tsv);
  await put(`desc-embedding${embedding.id}_pairs.json`, json);
}

async function putAnnotations(project: Project, put: Put): Promise<void> {
  const { state, vocabulary } = annotationLog(project);
  const rows = rowsOf(state, vocabulary);
  if (rows.length === 0) return;
  for (const [path, content] of Object.entries(annotationFiles(rows))) await put(path, content);
}
