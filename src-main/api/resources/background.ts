import { readNiftiHeader, readRawVolumes } from '../../fmri/nifti/read';
import type { Mask } from '../../fmri/mask';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { listRuns } from '../../project/queries/runs';
import { ByteCache } from '../byte-cache';

/** As many runs show the anatomy as well as all of them would. */
const MOST_RUNS = 16;

const backgrounds = new ByteCache<Promise<Float32Array>>(8 << 20);

/**
 * The mean of mean images of runs under an embedding's mask, each divided by its 98th percentile, so that scanners' units do not
 * matter; ones where no run has a mean image.
 * @returns [voxels], in [0, 1]
 */
export function averageMeans(project: Project, embedding: Embedding, mask: Mask): Promise<Float32Array> {
  const runs = listRuns(project.database).filter((run) => run.maskId === embedding.maskId && run.meanFile);
  const step = Math.max(1, Math.ceil(runs.length / MOST_RUNS));
  const files = runs.filter((_, place) => place % step === 0).map((run) => project.path(run.meanFile!));
  return backgrounds.get(
    `${embedding.maskId} ${files.join(' ')}`,
    (mean) => mean.byteLength,
    () => average(files, mask),
  );
}

async function average(files: readonly string[], mask: Mask): Promise<Float32Array> {
  const sum = new Float32Array(mask.voxels.length).fill(files.length === 0 ? 1 : 0);
  for (const file of files) {
    const header = await readNiftiHeader(file);
    for await (const raw of readRawVolumes(file, header, {})) {
      const values = Float32Array.from(mask.voxels, (voxel) => Math.max(0, raw[voxel]!));
      const bright = values.slice().sort()[Math.floor(0.98 * (values.length - 1))] || 1;
      for (let n = 0; n < sum.length; n++) sum[n]! += Math.min(1, values[n]! / bright) / files.length;
    }
  }
  return sum;
}
