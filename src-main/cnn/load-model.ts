import { openCheckpoint, sniffCheckpoint } from '../files/open-checkpoint';
import { hashFile } from '../files/hash';
import { architectures } from './architectures';
import { networkModel, weightsOf } from './build-model';
import { matchCheckpoint } from './match-checkpoint';
import type { Preprocessing } from './preprocessing';
import { readModel, type LoadedModel } from './read-model';

/** A model read from a file of any kind. */
export interface AnyModel extends LoadedModel {
  /** What the architecture of a checkpoint is trained with, where that is not the usual normalisation. */
  preprocessing?: Pick<Preprocessing, 'mean' | 'std'>;
}

/**
 * Reads an ONNX file, or a checkpoint of a bundled architecture as the ONNX model that it comes to.
 * @throws UserError as readModel, openCheckpoint and matchCheckpoint do
 */
export async function loadModel(path: string): Promise<AnyModel> {
  if (!(await sniffCheckpoint(path))) return readModel(path);
  const checkpoint = await openCheckpoint(path);
  try {
    const match = matchCheckpoint(checkpoint, architectures);
    const model = networkModel(match.architecture, match.classes);
    const weights = weightsOf(checkpoint, match);
    for (const tensor of model.graph.initializer ?? []) {
      // Those that the graph itself brings have their values.
      if (!tensor.rawData) tensor.rawData = new Uint8Array((await weights.read(tensor.name!)).buffer as ArrayBuffer);
    }
    const { normalisation } = match.architecture;
    const preprocessing = normalisation && { mean: normalisation.mean, std: normalisation.deviation };
    return { path, model, hash: await hashFile(path), ...(preprocessing && { preprocessing }) };
  } finally {
    await checkpoint.close();
  }
}
