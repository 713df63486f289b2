import type { ActivationsTask } from '../../../src-preload/shared/contract/compute-tasks';
import { describeModel } from '../../cnn/describe-model';
import { extractActivations } from '../../cnn/extract-activations';
import { readModel } from '../../cnn/read-model';
import { selectLayers } from '../../cnn/select-layers';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { checkArrayName, writeNpz } from '../../files/npz';
import { frameSourceFromPath } from '../../stimulus/frame-source';
import { toPreprocessing } from '../preprocessing';
import type { TaskHandler } from '../process';

/** The paper's frame size for HCP, for models that take any. */
const DEFAULT_SIZE = { width: 256, height: 180 };

/** Filter activations of an image, a folder of images or a video, as .npz with one array [frames × filters] per tap. */
export const activationsTask: TaskHandler<'activations'> = async (input, context) => {
  const model = await readModel(input.model);
  const description = describeModel(model);
  const layers = selectLayers(description, input.layers);
  for (const layer of layers) checkArrayName(layer.name);
  const size = {
    width: input.width ?? description.input.width ?? DEFAULT_SIZE.width,
    height: input.height ?? description.input.height ?? DEFAULT_SIZE.height,
  };
  const frames = await frameSourceFromPath(
    input.frames,
    { ...size, ...(input.trSeconds && { trSeconds: input.trSeconds }) },
    context,
  );
  try {
    const batches = new Map<string, Float32Array[]>(layers.map((layer) => [layer.name, []]));
    await extractActivations(
      {
        ...{
          engine: onnxruntimeEngine,
          model,
          layers,
          frames,
          reducer: input.reducer ?? 'max',
          preprocessing: preprocessingOf(input),
        },
        onBatch(_startFrame, activations) {
          for (const [name, data] of Object.entries(activations)) batches.get(name)!.push(data);
        },
      },
      context,
    );
    const taps = layers.map(({ name }) => {
      const parts = batches.get(name)!;
      const values = parts.reduce((sum, part) => sum + part.length, 0);
      return { layer: name, parts, filters: values / frames.count };
    });
    await writeNpz(input.output, joined(taps, frames.count));
    return { frames: frames.count, taps: taps.map(({ layer, filters }) => ({ layer, filters })) };
  } finally {
    await frames.close();
  }
};

/** One array at a time, so that only one is held twice. */
function* joined(taps: readonly { layer: string; parts: Float32Array[]; filters: number }[], frames: number) {
  for (const { layer, parts, filters } of taps) {
    const data = new Float32Array(frames * filters);
    let offset = 0;
    for (const part of parts) {
      data.set(part, offset);
      offset += part.length;
    }
    yield [layer, { shape: [frames, filters], data }] as const;
  }
}

function preprocessingOf({ normalisation = 'imagenet', channelOrder = 'RGB', mean, deviation }: ActivationsTask) {
  return toPreprocessing({ normalisation, channelOrder, ...(mean && { mean }), ...(deviation && { deviation }) });
}
