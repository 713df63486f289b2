import { GraphBuilder, type AttributeValue } from '../../onnx/graph-builder';
import { averagingMatrix } from './adaptive-pooling';

/** A tensor inside a network that is being defined. */
export interface Value {
  name: string;
  channels: number;
}

/** What a network reads from a checkpoint, under PyTorch's name for it. */
export interface Parameter {
  shape: readonly number[];
  /** Decides how it begins where weights are made up: see randomWeights. */
  role: 'weight' | 'bias' | 'scale' | 'mean' | 'variance';
  /** Inputs of each output of a weight. */
  fanIn: number;
  /** Whether its first axis counts the classes, which the file decides. */
  countsClasses: boolean;
}

export interface ConvolutionSizes {
  channels: number;
  /** Pixels, or [height, width]. */
  kernel: number | readonly [number, number];
  stride?: number;
  padding?: number | readonly [number, number];
  groups?: number;
  /** Of its own; left out where a batch norm follows. */
  bias?: boolean;
}

export interface PoolSizes {
  kernel: number;
  stride?: number;
  padding?: number;
}

/**
 * Builds a network module by module under the names that PyTorch's state dicts and hooks have ("layer1.0.conv1"). Nodes are named as
 * torch.onnx.export names them, so that layers are found in it as in any exported file. Weights are only named here; they
 * are put in when the file is written. Batch norm stays a node of its own: ONNX Runtime folds it into the convolution before it
 * when a session is made, except where the convolution's own output is tapped.
 */
export class Network {
  readonly parameters = new Map<string, Parameter>();
  readonly builder: GraphBuilder;
  private readonly nodeNames = new Set<string>();

  /** @param classes outputs of the classifier; null for a network that ends in its pooled features */
  constructor(
    name: string,
    readonly classes: number | null,
  ) {
    this.builder = new GraphBuilder(name);
  }

  /** Frames, RGB, normalised: [frames, 3, height, width]. */
  input(): Value {
    return { name: this.builder.input('input', 'float', ['frames', 3, 'height', 'width']), channels: 3 };
  }

  /** Ends the network: scores of the classes, or pooled features where it has no classifier. */
  output(x: Value): void {
    this.builder.output(this.classes === null ? 'features' : 'scores', x.name, 'float', ['frames', x.channels]);
  }

  convolution(module: string, x: Value, sizes: ConvolutionSizes): Value {
    const { channels, stride = 1, groups = 1, bias = false } = sizes;
    const kernel = pair(sizes.kernel);
    const [top, left] = pair(sizes.padding ?? 0);
    const shape = [channels, x.channels / groups, ...kernel];
    const inputs = [x.name, this.parameter(`${module}.weight`, shape, 'weight')];
    if (bias) inputs.push(this.parameter(`${module}.bias`, [channels], 'bias'));
    const attributes = { kernel_shape: kernel, strides: [stride, stride], pads: [top, left, top, left], group: groups };
    return { name: this.node(module, 'Conv', inputs, attributes), channels };
  }

  batchNorm(module: string, x: Value, epsilon = 1e-5): Value {
    const inputs = (['weight', 'bias', 'running_mean', 'running_var'] as const).map((part) => {
      const role = ({ weight: 'scale', bias: 'bias', running_mean: 'mean', running_var: 'variance' } as const)[part];
      return this.parameter(`${module}.${part}`, [x.channels], role);
    });
    const attributes = { epsilon: { float: epsilon } };
    return { name: this.node(module, 'BatchNormalization', [x.name, ...inputs], attributes), channels: x.channels };
  }

  relu(module: string, x: Value): Value {
    return { ...x, name: this.node(module, 'Relu', [x.name]) };
  }

  /** ReLU up to 6. */
  relu6(module: string, x: Value): Value {
    return { ...x, name: this.node(module, 'Clip', [x.name, this.builder.scalar(0), this.builder.scalar(6)]) };
  }

  maxPool(module: string, x: Value, sizes: PoolSizes): Value {
    return { ...x, name: this.node(module, 'MaxPool', [x.name], poolAttributes(sizes)) };
  }

  /** Averages with padding counted as zeros, as PyTorch does by default. */
  averagePool(module: string, x: Value, sizes: PoolSizes): Value {
    return { ...x, name: this.node(module, 'AveragePool', [x.name], { ...poolAttributes(sizes), count_include_pad: 1 }) };
  }

  add(module: string, a: Value, b: Value): Value {
    return { ...a, name: this.node(module, 'Add', [a.name, b.name]) };
  }

  concat(module: string, parts: readonly Value[]): Value {
    const channels = parts.reduce((sum, part) => sum + part.channels, 0);
    const inputs = parts.map(({ name }) => name);
    return { name: this.node(module, 'Concat', inputs, { axis: 1 }), channels };
  }

  /** Cuts the channels into two equal halves. */
  halves(module: string, x: Value): [Value, Value] {
    const channels = x.channels / 2;
    const part = (begin: number) => {
      const [from, to, axis] = [begin, begin + channels, 1].map((value) => this.builder.integers([value]));
      return { name: this.node(module, 'Slice', [x.name, from!, to!, axis!]), channels };
    };
    return [part(0), part(channels)];
  }

  /** ShuffleNet's exchange between groups: channel (g, i) goes to place (i, g). */
  shuffleChannels(module: string, x: Value, groups: number): Value {
    const each = x.channels / groups;
    const order = Array.from({ length: x.channels }, (_, to) => (to % groups) * each + Math.floor(to / groups));
    return { ...x, name: this.node(module, 'Gather', [x.name, this.builder.integers(order)], { axis: 1 }) };
  }

  /** The mean of every map: [frames, channels]. */
  globalAverage(module: string, x: Value): Value {
    const pooled = this.node(module, 'GlobalAveragePool', [x.name]);
    return { ...x, name: this.node('', 'Flatten', [pooled], { axis: 1 }) };
  }

  /** Means of size × size parts of a map of any size (AdaptiveAvgPool2d), flattened: [frames, channels × size × size]. */
  adaptiveAverage(module: string, x: Value, size: number): Value {
    const node = (opType: string, inputs: readonly string[], attributes?: Record<string, AttributeValue>) =>
      this.node(module, opType, inputs, attributes);
    const rows = averagingMatrix(this.builder, node, x.name, { axis: 2, size });
    const columns = node('Transpose', [averagingMatrix(this.builder, node, x.name, { axis: 3, size })], { perm: [1, 0] });
    const pooled = node('MatMul', [node('MatMul', [rows, x.name]), columns]);
    return { name: this.node('', 'Flatten', [pooled], { axis: 1 }), channels: x.channels * size * size };
  }

  linear(module: string, x: Value, outputs: number, countsClasses = false): Value {
    const weight = this.parameter(`${module}.weight`, [outputs, x.channels], 'weight', countsClasses);
    const bias = this.parameter(`${module}.bias`, [outputs], 'bias', countsClasses);
    return { name: this.node(module, 'Gemm', [x.name, weight, bias], { transB: 1 }), channels: outputs };
  }

  /** The last layer, one output per class; nothing where the network has no classifier. */
  classifier(module: string, x: Value): Value {
    return this.classes === null ? x : this.linear(module, x, this.classes, true);
  }

  private parameter(name: string, shape: readonly number[], role: Parameter['role'], countsClasses = false): string {
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    this.parameters.set(name, { shape, role, fanIn, countsClasses });
    return name;
  }

  /** A node inside a module, named "/layer1/layer1.0/layer1.0.conv1/Conv"; its output bears the same name. */
  private node(
    module: string,
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): string {
    const parts = module === '' ? [] : module.split('.');
    const scopes = parts.map((_, i) => parts.slice(0, i + 1).join('.'));
    const stem = ['', ...scopes, opType].join('/');
    let name = stem;
    for (let i = 1; this.nodeNames.has(name); i++) name = `${stem}_${i}`;
    this.nodeNames.add(name);
    return this.builder.node(opType, inputs, attributes, name);
  }
}

function pair(size: number | readonly [number, number]): [number, number] {
  return typeof size === 'number' ? [size, size] : [...size];
}

function poolAttributes({ kernel, stride = kernel, padding = 0 }: PoolSizes): Record<string, AttributeValue> {
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [padding, padding, padding, padding] };
}
