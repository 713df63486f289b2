import { readMap } from '../../embedding/checkpoint';
import { readMask } from '../../fmri/mask';
import type { Project } from '../../project/project';
import { readMask as readMaskRecord } from '../../project/queries/masks';
import { openAtlas } from '../../semantics/atlas';
import { findClusters, type MapCluster, type PeakOptions } from '../../semantics/peaks';
import { chooseEmbedding } from '../jobs/couple';

export interface PeakRequest extends PeakOptions {
  embedding?: number | undefined;
  /** All FBNs where left out. */
  fbn?: number | undefined;
  /** A volume of label numbers, and their names. */
  atlas?: { file: string; names?: string | undefined } | undefined;
}

export interface FbnPeaks {
  embedding: number;
  fbns: { fbn: number; clusters: (Omit<MapCluster, 'voxel'> & { label: string | null })[] }[];
}

/** The clusters of FBN maps with their places, named by an atlas where there is one. */
export async function reportPeaks(project: Project, request: PeakRequest): Promise<FbnPeaks> {
  const embedding = chooseEmbedding(project, request.embedding);
  const mask = await readMask(project.path(readMaskRecord(project.database, embedding.maskId)!.file));
  const atlas = request.atlas && (await openAtlas(request.atlas.file, request.atlas.names));
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
