import { GraphBuilder } from '../../src-main/onnx/graph-builder';

/** Deterministic values in [-1, 1) (mulberry32), so that two builds are the same model. */
function createUniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * 2 - 1;
  };
}

/**
 * ResNet-18 with random weights, batch normalisation folded into the convolutions as exporters leave it, any number and
 * size of frames. Node names are PyTorch's, so that the stages are found by name.
 */
export function buildResNet18(): Uint8Array {
  const graph = new GraphBuilder('resnet18');
  const uniform = createUniform(18);
  const convolution = (x: string, scope: string, from: number, to: number, kernel: number, stride: number): string => {
    const limit = Math.sqrt(3 / (from * kernel * kernel));
    const weights = Float32Array.from({ length: to * from * kernel * kernel }, () => uniform() * limit);
    const inputs = [
      x,
      graph.constant(`${scope}.weight`, [to, from, kernel, kernel], weights),
      graph.constant(
        `${scope}.bias`,
        [to],
        Float32Array.from({ length: to }, () => 0.1 * uniform()),
      ),
    ];
    const pad = Math.floor(kernel / 2);
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return named(graph, graph.node('Conv', inputs, attributes), `/${scope}/Conv`);
  };
  const relu = (x: string, scope: string) => named(graph, graph.node('Relu', [x]), `/${scope}/Relu`);
  let x = graph.input('x', 'float', ['frames', 3, 'height', 'width']);
  x = relu(convolution(x, 'conv1', 3, 64, 7, 2), 'relu');
  x = graph.node('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const [stage, width] of [64, 128, 256, 512].entries()) {
    for (const block of [0, 1]) {
      const scope = `layer${stage + 1}/layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = relu(convolution(x, `${scope}/conv1`, channels, width, 3, stride), `${scope}/relu`);
      const outer = convolution(inner, `${scope}/conv2`, width, width, 3, 1);
      const shortcut = stride > 1 ? convolution(x, `${scope}/downsample/downsample.0`, channels, width, 1, stride) : x;
      const sum = named(graph, graph.node('Add', [outer, shortcut]), `/${scope}/Add`);
      x = relu(sum, `${scope}/relu_1`);
      channels = width;
    }
  }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [x])], { axis: 1 });
  const weights = Float32Array.from({ length: 512 * 1000 }, () => uniform() * 0.05);
  graph.output('scores', graph.node('MatMul', [pooled, graph.constant('fc.weight', [512, 1000], weights)]), 'float', [
    'frames',
    1000,
  ]);
  return graph.encode();
}

/** GraphBuilder names nodes by their outputs; this gives the node that made a value the name an exporter would. */
function named(graph: GraphBuilder, output: string, name: string): string {
  graph.graph.node.find((node) => node.output[0] === output)!.name = name;
  return output;
}
