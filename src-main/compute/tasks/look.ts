import type { LookTask } from '../../../src-preload/shared/contract/compute-tasks';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { describeModel } from '../../cnn/describe-model';
import { firstKernels } from '../../cnn/first-kernels';
import { MapSession } from '../../cnn/map-session';
import { readModel, type LoadedModel } from '../../cnn/read-model';
import { receptiveFields } from '../../cnn/receptive-field';
import { selectLayers } from '../../cnn/select-layers';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { openFramesFile } from '../../files/frames-file';
import { toPreprocessing } from '../preprocessing';
import type { TaskHandler } from '../process';

/** The model and the session looked at last: whoever looks into a filter looks into its neighbours too. */
let loaded: LoadedModel | undefined;
let opened: { of: string; session: MapSession } | undefined;

/** What a layer's units see, and its kernels where they look at the picture itself. */
export const lookAtLayerTask: TaskHandler<'look-at-layer'> = async (input) => {
  const model = await loadModel(input);
  const description = describeModel(model);
  const layer = selectLayers(description, [input.layer])[0]!;
  const { name, width, height } = description.input;
  return {
    receptiveField: receptiveFields(model, name).get(layer.tensor) ?? null,
    input: { width, height },
    kernels: firstKernels(model, layer, name, input.preprocessing.channelOrder) ?? null,
  };
};

/** A filter's feature map of one frame. */
export const lookAtMapTask: TaskHandler<'look-at-map'> = async (input) => {
  const frames = await openFramesFile(input.frames);
  try {
    const { width, height } = frames;
    const of = JSON.stringify([input.contentHash, input.preprocessing, input.layer, width, height]);
    if (opened?.of !== of) {
      await opened?.session.release();
      opened = undefined;
      const model = await loadModel(input);
      const layer = selectLayers(describeModel(model), [input.layer])[0]!;
      const session = await MapSession.open(onnxruntimeEngine, model, layer, toPreprocessing(input.preprocessing), {
        width,
        height,
      });
      opened = { of, session };
    }
    return await opened.session.run(await frames.read(input.frame, 1), { width, height }, input.filter);
  } finally {
    await frames.close();
  }
};

async function loadModel({ model, contentHash }: LookTask): Promise<LoadedModel> {
  if (loaded?.hash !== contentHash) loaded = await readModel(model);
  if (loaded.hash === contentHash) return loaded;
  throw new UserError({
    code: 'file-changed',
    what: 'the model file has changed since it was imported',
    file: model,
    remedy: 'import it again, and extract its activations anew',
  });
}
