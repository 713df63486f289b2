import { writeFileAtomically } from '../files/atomic-write';
import type { CheckpointFile } from '../files/checkpoint-file';
import { float32Of } from '../files/torch/tensor-types';
import { encodeStream } from '../onnx/encode-stream';
import { ElementType, type OnnxModel } from '../onnx/model';
import { buildNetwork, type Architecture } from './architectures/architecture';
import type { CheckpointMatch } from './match-checkpoint';

/** Where the values of parameters come from: a checkpoint, or a seed. */
export interface Weights {
  /** Outputs of the classifier; null for a network without one. */
  classes: number | null;
  /** Row-major values of a parameter, by its name in the architecture. */
  read(parameter: string): Promise<Float32Array>;
}

/** The weights of a checkpoint that fits an architecture, as float32. */
export function weightsOf(checkpoint: CheckpointFile, { classes, tensorOf }: CheckpointMatch): Weights {
  return {
    classes,
    async read(parameter) {
      const name = tensorOf.get(parameter)!;
      return float32Of(checkpoint.tensors.get(name)!.type, await checkpoint.readBytes(name));
    },
  };
}

/**
 * Writes an architecture with weights as an ONNX file, atomically and tensor by tensor.
 * @param metadata kept in the file, by key
 */
export async function buildModel(
  path: string,
  architecture: Architecture,
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { builder, parameters } = buildNetwork(architecture, weights.classes);
  const metadataProps = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const tensors = [...parameters].map(([name, { shape }]) => ({ name, dims: shape }));
  await writeFileAtomically(path, async (sink) => {
    for await (const piece of encodeStream({ ...builder.model(), metadataProps }, tensors, (name) => weights.read(name))) {
      await sink.write(piece);
    }
  });
}

/** The graph of an architecture with the shapes of its parameters and no values: enough to describe it. */
export function networkModel(architecture: Architecture, classes: number | null): OnnxModel {
  const { builder, parameters } = buildNetwork(architecture, classes);
  const model = builder.model();
  const shapes = [...parameters].map(([name, { shape }]) => ({ name, dims: [...shape], dataType: ElementType.float }));
  return { ...model, graph: { ...model.graph, initializer: [...(model.graph.initializer ?? []), ...shapes] } };
}
