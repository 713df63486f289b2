import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectures } from '../cnn/architectures';
import type { Architecture } from '../cnn/architectures/architecture';
import { buildModel, weightsOf } from '../cnn/build-model';
import { matchCheckpoint } from '../cnn/match-checkpoint';
import { readModel, type LoadedModel } from '../cnn/read-model';
import { openCheckpoint, sniffCheckpoint } from '../files/open-checkpoint';

/** A model from whatever file an import takes; of a checkpoint with the architecture that it fits. */
export interface AnyModel {
  model: LoadedModel;
  architecture: Architecture | undefined;
}

/**
 * Reads an ONNX file or a checkpoint, without a project: a checkpoint is built into an ONNX file that is gone afterwards.
 * @param wanted the architecture of a checkpoint, where it is not recognised
 */
export async function readAnyModel(file: string, wanted?: string): Promise<AnyModel> {
  if (!(await sniffCheckpoint(file))) return { model: await readModel(file), architecture: undefined };
  const folder = await mkdtemp(join(tmpdir(), 'syncact-model-'));
  const checkpoint = await openCheckpoint(file);
  try {
    const match = matchCheckpoint(checkpoint, architectures, wanted);
    const built = join(folder, 'model.onnx');
    await buildModel(built, match.architecture, weightsOf(checkpoint, match));
    // Messages are about the file that was named.
    return { model: { ...(await readModel(built)), path: file }, architecture: match.architecture };
  } finally {
    await checkpoint.close();
    await rm(folder, { recursive: true, force: true });
  }
}
