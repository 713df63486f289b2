import { readFileSync } from 'node:fs';
import type { ExplorerSource, ReportTask } from '../../../src-preload/shared/contract/report';
import type { PageData } from '../../../src-preload/shared/contract/report-page';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { voxelCount } from '../../../src-preload/shared/domain/grid';
import { createMatrix, matrixRow } from '../../../src-preload/shared/domain/matrix';
import script from '../../../src-renderer/report-page/main.ts?script';
import style from '../../../src-renderer/report-page/page.css?raw';
import { fbnMaps } from '../../embedding/encode';
import { averageBackground } from '../../figures/brain/background';
import { fontFiles } from '../../figures/drawing/fonts';
import { toSvg } from '../../figures/drawing/svg';
import { writeFileAtomically } from '../../files/atomic-write';
import { readMask } from '../../fmri/mask';
import { ActivationCache } from '../../project/activation-cache';
import { htmlReport, type ReportPage } from '../../report/page/html';
import { pdfReport, type PdfReport } from '../../report/pdf/report-pdf';
import { packMask, quantiseMap, quantiseSeries } from '../../report/page/quantise';
import type { TaskContext, TaskHandler } from '../process';
import { averageFbnActivations } from './couple';
import { drawFigureScene } from './figure';

/** Writes a report into its file, which appears whole or not at all. */
export const reportTask: TaskHandler<'report'> = async (task, context) => {
  let bytes = 0;
  const pieces = task.format === 'pdf' ? [await preparePdf(task, context)] : htmlReport(await preparePage(task, context));
  await writeFileAtomically(task.file, async (sink) => {
    for (const piece of pieces) {
      throwIfCancelled(context.signal);
      await sink.write(typeof piece === 'string' ? Buffer.from(piece) : piece);
    }
    bytes = sink.length;
  });
  return { bytes };
};

async function preparePdf(task: ReportTask, context: TaskContext): Promise<Buffer> {
  const { title, facts, methods, tables } = task;
  const figures: PdfReport['figures'] = [];
  for await (const { caption, scene } of drawnFigures(task, context)) figures.push({ caption, scene });
  return pdfReport({ title, facts, methods, tables, figures, provenance: JSON.stringify(task.provenance) });
}

async function preparePage(task: ReportTask, context: TaskContext): Promise<ReportPage> {
  const figures: ReportPage['figures'] = [];
  for await (const { caption, scene, provenance } of drawnFigures(task, context))
    figures.push({ caption, svg: await toSvg(scene, JSON.stringify(provenance), false) });
  const { title, facts, methods, tables, explorer } = task;
  return {
    ...{ title, facts, methods, tables, figures, script, style },
    explorer: explorer && (await prepareExplorer(explorer, context)),
    provenance: JSON.stringify(task.provenance, null, 2),
    font: readFileSync(fontFiles.web),
  };
}

async function* drawnFigures({ figures }: ReportTask, context: TaskContext) {
  for (const [i, { caption, task }] of figures.entries()) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'drawing figures', done: i, total: figures.length, unit: 'figures' });
    yield { caption, scene: await drawFigureScene(task, { ...context, progress: () => {} }), provenance: task.provenance };
  }
}

async function prepareExplorer(source: ExplorerSource, context: TaskContext): Promise<NonNullable<ReportPage['explorer']>> {
  const { checkpoint, background, mask: maskFile } = source.brain;
  const mask = await readMask(maskFile);
  const means = 'means' in background ? background.means : [];
  const grey = (await averageBackground(means, mask)).values;
  const arrays: Record<string, Uint8Array> = {
    mask: packMask(mask.voxels, voxelCount(mask.grid)),
    background: Uint8Array.from(mask.voxels, (voxel) => Math.round(255 * (grey[voxel] ?? 0))),
  };
  const maps = await fbnMaps(checkpoint);
  const fbns: PageData['fbns'] = [];
  for (const [fbn, about] of source.fbns.entries()) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'packing maps', done: fbn, total: source.fbns.length, unit: 'FBNs' });
    const { steps, step, limit } = quantiseMap(matrixRow(maps, fbn));
    arrays[`map-${fbn}`] = asBytes(steps);
    fbns.push({ ...about, step, limit });
  }
  const cache = ActivationCache.openReadOnly(source.activations);
  try {
    for (const [i, run] of source.runs.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'packing activations', done: i, total: source.runs.length, unit: 'movie runs' });
      const { timePoints, runs } = run;
      const averaged = averageFbnActivations(cache, { embeddingKey: source.embeddingKey, runs, timePoints });
      arrays[`fbns-${i}`] = asBytes(quantiseSeries(averaged));
      arrays[`filters-${i}`] = asBytes(quantiseSeries(partnersOf(cache, run)));
    }
  } finally {
    cache.close();
  }
  const runs = source.runs.map(({ movieRun, trSeconds, timePoints, partners }) => ({
    ...{ movieRun, trSeconds, timePoints },
    partners: partners.map((partner) => partner && { name: partner.name, r: partner.r }),
  }));
  return { data: { grid: mask.grid, voxels: mask.voxels.length, fbns, runs }, arrays };
}

/** Activations of the best filters [fbns, time]; NaN where an FBN has none. A layer is read once, however many are of it. */
function partnersOf(cache: ActivationCache, { partners, timePoints }: ExplorerSource['runs'][number]) {
  const series = createMatrix(partners.length, timePoints);
  series.data.fill(NaN);
  const layers = Map.groupBy(partners.keys(), (fbn) => partners[fbn]?.filterActivation ?? null);
  for (const [key, fbns] of layers) {
    const layer = key === null ? undefined : cache.readFilterActivation(key);
    if (!layer) continue;
    for (const fbn of fbns) matrixRow(series, fbn).set(matrixRow(layer, partners[fbn]!.filter).subarray(0, timePoints));
  }
  return series;
}

function asBytes({ buffer, byteOffset, byteLength }: Int8Array | Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
