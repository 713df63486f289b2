import { describeModel } from '../../cnn/describe-model';
import { readModel } from '../../cnn/read-model';
import { selectLayers } from '../../cnn/select-layers';
import { hashFile } from '../../files/hash';
import type { TaskHandler } from '../process';

/** Reads an ONNX file and tells its layers, which of them is the last convolution, and which end blocks. */
export const describeModelTask: TaskHandler<'describe-model'> = async ({ file }, context) => {
  context.progress({ stage: 'reading the model', done: 0, total: 0, unit: 'files' });
  const model = await readModel(file);
  const description = describeModel(model);
  const [last] = selectLayers(description, 'last');
  const blocks = selectLayers(description, 'blocks').map((layer) => layer.name);
  return {
    hash: await hashFile(file, context.signal),
    contentHash: model.hash,
    description,
    layers: description.layers.map(({ name, filters, kind }) => {
      const block = blocks.indexOf(name);
      return { name, filters, kind, isLastConvolution: name === last?.name, blockIndex: block < 0 ? null : block };
    }),
  };
};
