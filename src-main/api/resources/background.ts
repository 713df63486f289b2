import { averageInMask } from '../../figures/brain/background';
import type { Mask } from '../../fmri/mask';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { listRuns } from '../../project/queries/runs';
import { ByteCache } from '../byte-cache';

/** As many runs show the anatomy as well as all of them would. */
const MOST_RUNS = 16;

const backgrounds = new ByteCache<Promise<Float32Array>>(8 << 20);

/** Mean images of runs under an embedding's mask: as many as show the anatomy, spread over all of them. */
export function meanFiles(project: Project, { maskId }: Embedding): string[] {
  const runs = listRuns(project.database).filter((run) => run.maskId === maskId && run.meanFile);
  const step = Math.max(1, Math.ceil(runs.length / MOST_RUNS));
  return runs.filter((_, place) => place % step === 0).map((run) => project.path(run.meanFile!));
}

/**
 * The mean of mean images of runs under an embedding's mask, each divided by its 98th percentile, so that scanners' units do not
 * matter; ones where no run has a mean image.
 * @returns [voxels], in [0, 1]
 */
export function averageMeans(project: Project, embedding: Embedding, mask: Mask): Promise<Float32Array> {
  const files = meanFiles(project, embedding);
  return backgrounds.get(
    `${embedding.maskId} ${files.join(' ')}`,
    (mean) => mean.byteLength,
    () => averageInMask(files, mask),
  );
}
