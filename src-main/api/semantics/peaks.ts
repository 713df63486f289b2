import { statSync } from 'node:fs';
import type { FbnPeaks } from '../../../src-preload/shared/contract/semantics-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { readMap } from '../../embedding/checkpoint';
import { readMask } from '../../fmri/mask';
import type { Project } from '../../project/project';
import { readMask as readMaskRecord } from '../../project/queries/masks';
import { openAtlas, type Atlas } from '../../semantics/atlas';
import { findClusters, type PeakOptions } from '../../semantics/peaks';
import { chooseEmbedding } from '../jobs/couple';

export interface PeakRequest extends PeakOptions {
  embedding?: number | undefined;
  /** All FBNs where left out. */
  fbn?: number | undefined;
  /** A volume of label numbers, and their names. */
  atlas?: { file: string; names?: string | undefined } | undefined;
}

/** The clusters of FBN maps with their places, named by an atlas where there is one. */
export async function reportPeaks(project: Project, request: PeakRequest): Promise<FbnPeaks> {
  const embedding = chooseEmbedding(project, request.embedding);
  const mask = await readMask(project.path(readMaskRecord(project.database, embedding.maskId)!.file));
  const atlas = request.atlas && (await keptAtlas(request.atlas.file, request.atlas.names));
  if (request.fbn !== undefined && request.fbn >= embedding.fbns)
    throw new UserError({ code: 'not-found', what: `there is no FBN ${request.fbn}`, expected: `0 to ${embedding.fbns - 1}` });
  const wanted = request.fbn === undefined ? [...Array(embedding.fbns).keys()] : [request.fbn];
  const fbns: FbnPeaks['fbns'] = [];
  for (const fbn of wanted) {
    const map = await readMap(project.path(embedding.result!.best.file), fbn);
    const clusters = findClusters(map, mask.voxels, mask.grid, request);
    fbns.push({
      fbn,
      clusters: clusters.map(({ voxel: _voxel, ...one }) => ({ ...one, label: atlas?.labelAt(one.peak) ?? null })),
    });
  }
  return { embedding: embedding.id, fbns };
}

let kept: { key: string; atlas: Promise<Atlas> } | undefined;

/** The atlas opened last stays open: FBN after FBN asks for it. */
function keptAtlas(file: string, names: string | undefined): Promise<Atlas> {
  const changed = [file, ...(names === undefined ? [] : [names])].map(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  const key = JSON.stringify([file, names, changed]);
  if (kept?.key !== key) {
    kept = { key, atlas: openAtlas(file, names) };
    kept.atlas.catch(() => (kept = undefined));
  }
  return kept.atlas;
}
