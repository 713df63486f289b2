import { GraphBuilder } from '../onnx/graph-builder';
import { COLOUR_CHANNELS, layerDesigns, type LayerDesign } from './cnn-layers';

/** The normalisation that torchvision's ImageNet models ask for: (value − mean) / deviation of red, green, blue in [0, 1]. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/** What the filters of one layer of the phantom's CNN look for, in the order of their index. */
export interface LayerDescription {
  layer: string;
  filters: string[];
}

/** The layers of the phantom's CNN and what their filters look for; shipped as phantom-cnn.json beside the model. */
export function describePhantomCnn(): LayerDescription[] {
  return layerDesigns().map(({ name, filters }) => ({ layer: name, filters: filters.map(({ description }) => description) }));
}

/** The layer whose filters the planted networks follow: the last stage, read after its rectification. */
export const PLANTED_LAYER = 'stage4';

/**
 * The phantom's CNN: four convolutions designed by hand, each rectified, so that what every filter looks for is known in words.
 * Input `image` [frames, 3, height, width], RGB normalised as for ImageNet; output `features` [frames, filters], the largest
 * value of each filter of the last layer over the picture. Nodes are named as PyTorch's exporter names them.
 * @returns the bytes of an ONNX file, the same on every call
 */
export function buildPhantomCnn(): Uint8Array {
  const graph = new GraphBuilder('phantom-cnn');
  let value = graph.input('image', 'float', ['frames', 3, 'height', 'width']);
  value = addNode(graph, 'AveragePool', [value], '/stem/pool', { kernel_shape: [2, 2], strides: [2, 2] });
  let maps: readonly string[] = COLOUR_CHANNELS;
  for (const layer of layerDesigns()) {
    value = addConvolution(graph, value, layer, maps);
    const stage = layer.name.split('.')[0]!;
    value = addNode(graph, 'Relu', [value], `/${stage}/relu`);
    if (layer.name === 'stage2.conv')
      value = addNode(graph, 'AveragePool', [value], `/${stage}/pool`, { kernel_shape: [3, 3], strides: [2, 2] });
    if (layer.name === 'stage3.conv')
      value = addNode(graph, 'MaxPool', [value], `/${stage}/pool`, { kernel_shape: [2, 2], strides: [2, 2] });
    maps = layer.filters.map(({ description }) => description);
  }
  const pooled = addNode(graph, 'GlobalMaxPool', [value], '/pool');
  graph.output('features', addNode(graph, 'Flatten', [pooled], '/flatten'), 'float', ['frames', maps.length]);
  return graph.encode();
}

function addNode(graph: GraphBuilder, opType: string, inputs: string[], module: string, attributes = {}): string {
  const output = graph.node(opType, inputs, attributes, `${module}/${opType}_output_0`);
  graph.graph.node.at(-1)!.name = `${module}/${opType}`;
  return output;
}

function addConvolution(graph: GraphBuilder, value: string, layer: LayerDesign, maps: readonly string[]): string {
  const { name, kernelSize, stride, padding, filters } = layer;
  const { weights, biases } = layerWeights(layer, maps);
  const weight = graph.constant(`${name}.weight`, [filters.length, maps.length, kernelSize, kernelSize], weights);
  const bias = graph.constant(`${name}.bias`, [filters.length], biases);
  return addNode(graph, 'Conv', [value, weight, bias], `/${name.replace('.', '/')}`, {
    kernel_shape: [kernelSize, kernelSize],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

/** @returns weights [filters, maps, size, size] and biases [filters]; the first layer undoes the normalisation of its input */
function layerWeights(
  { kernelSize, filters }: LayerDesign,
  maps: readonly string[],
): { weights: Float32Array; biases: Float32Array } {
  const area = kernelSize * kernelSize;
  const weights = new Float32Array(filters.length * maps.length * area);
  const biases = Float32Array.from(filters, ({ bias }) => bias);
  filters.forEach(({ description, kernels }, filter) => {
    for (const [map, { size, values }] of Object.entries(kernels)) {
      const channel = maps.indexOf(map);
      if (channel < 0 || size !== kernelSize)
        throw new RangeError(`"${description}" has no ${kernelSize}-step kernel for "${map}"`);
      const factor = maps === COLOUR_CHANNELS ? IMAGENET_DEVIATION[channel]! : 1;
      weights.set(
        values.map((weight) => weight * factor),
        (filter * maps.length + channel) * area,
      );
      if (maps === COLOUR_CHANNELS) biases[filter]! += IMAGENET_MEAN[channel]! * values.reduce((sum, weight) => sum + weight, 0);
    }
  });
  return { weights, biases };
}
