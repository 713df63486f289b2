import { GraphBuilder } from '../onnx/graph-builder';
import { ElementType } from '../onnx/model';
import { Tape } from './differentiation/tape';
import type { Value } from './differentiation/value';
import type { LatentModel, LatentValues } from './latent/model';

/*
 * The graphs of DESIGN section 5 in ONNX. Θ = [Wᵀ; V] is one input of shape [2m, voxels]; S' and the residual are never formed.
 * Sizes: T time points, N voxels, m FBNs, R rows of a latent graph (T, or T × batch). The latent part's weights are inputs by their
 * names, and their gradients are outputs `gradient/NAME`.
 */

/** The sizes that graphs are built for; time may differ from run to run. */
export interface GraphSizes {
  fbns: number;
  voxels: number;
}

/** How a sample is stored; float16 is cast to float32 once, inside the graph. */
export type SampleType = 'float16' | 'float32';

/** The input that holds the positional encoding [R, m], where the latent part wants one. */
export const POSITIONS = 'positions';

/** The name of an input or output of the sample at a place of several in one graph. */
export function ofSample(name: string, index: number): string {
  return `${name}/${index}`;
}

/**
 * Samples of a training step, one or several in one run. For each of them, by `ofSample`:
 *   inputs   sample S [T, N] · positions [T, m] where the latent part wants them
 *   outputs  reconstruction Z [T, m] · target A = S Vᵀ [T, m] · gram ZᵀZ [m, m]
 * and once:
 *   inputs   theta Θ · kernel K = V Vᵀ [m, m] · factor c (scalar) · gradientSoFar [2m, N] · the latent part's
 *   outputs  gradient = gradientSoFar + Σ [∂ℓ/∂H | −c Z]ᵀ S, where ∂ℓ/∂Z = c (Z K − A) · gradients of the latent part, summed
 * The rows of V still lack c ΣZᵀZ V, which is added once per batch (buildGramCorrection).
 * `gradient` comes from a Gemm whose C is `gradientSoFar`, so both may be the same memory.
 */
export function buildSampleSteps(latent: LatentModel, type: SampleType, sizes: GraphSizes, count = 1): Uint8Array {
  const { fbns: m, voxels: N } = sizes;
  const graph = new GraphBuilder('sample-steps');
  const theta = graph.input('theta', 'float', [2 * m, N]);
  const step = declareStep(graph, latent, m);
  let gradient = graph.input('gradientSoFar', 'float', [2 * m, N]);
  for (let i = 0; i < count; i++) {
    const time = ofSample('time', i);
    const sample = sampleInput(graph, type, N, i);
    const { h, target } = bothProducts(graph, sample, theta);
    const positions = latent.positions ? step.tape.input(ofSample(POSITIONS, i), [time, m]) : undefined;
    const { left, reconstruction } = addStep(graph, latent, step, { h: { name: h, shape: [time, m] }, target, positions });
    gradient = graph.node('Gemm', [left, sample, gradient], { transA: 1 }, i === count - 1 ? 'gradient' : undefined);
    lossOutputs(graph, { reconstruction, target, time }, m, (name) => ofSample(name, i));
  }
  graph.output('gradient', gradient, 'float', [2 * m, N]);
  latentGradientOutputs(graph, latent, step);
  return graph.encode();
}

/** Input sample [T, N] in float16; output values, the same in float32. */
export function buildWidening(): Uint8Array {
  const graph = new GraphBuilder('widening');
  const sample = graph.input('sample', 'float16', ['time', 'voxels']);
  graph.output('values', graph.node('Cast', [sample], { to: ElementType.float }, 'values'), 'float', ['time', 'voxels']);
  return graph.encode();
}

/** The first large product alone, of one or several samples: inputs theta, sample; outputs products [H | A] = S Θᵀ [T, 2m]. */
export function buildFirstProducts(type: SampleType, { fbns: m, voxels: N }: GraphSizes, count = 1): Uint8Array {
  const graph = new GraphBuilder('first-products');
  const theta = graph.input('theta', 'float', [2 * m, N]);
  for (let i = 0; i < count; i++) {
    const products = graph.node('Gemm', [sampleInput(graph, type, N, i), theta], { transB: 1 });
    graph.output(ofSample('products', i), products, 'float', [ofSample('time', i), 2 * m]);
  }
  return graph.encode();
}

/** The second large product alone: inputs gradientSoFar, sample, left [T, 2m]; output gradient = gradientSoFar + Σ leftᵀ S. */
export function buildSecondProducts(type: SampleType, { fbns: m, voxels: N }: GraphSizes, count = 1): Uint8Array {
  const graph = new GraphBuilder('second-products');
  let gradient = graph.input('gradientSoFar', 'float', [2 * m, N]);
  for (let i = 0; i < count; i++) {
    const left = graph.input(ofSample('left', i), 'float', [ofSample('time', i), 2 * m]);
    const inputs = [left, sampleInput(graph, type, N, i), gradient];
    gradient = graph.node('Gemm', inputs, { transA: 1 }, i === count - 1 ? 'gradient' : undefined);
  }
  graph.output('gradient', gradient, 'float', [2 * m, N]);
  return graph.encode();
}

/**
 * The latent part of a training step for several series at once, forward and back.
 *   inputs   h, target [R, m] · included [R, 1], 0 where a shorter series has ended · kernel · factor · the latent part's
 *   outputs  left = [∂ℓ/∂H | −c Z] [R, 2m] · reconstruction Z and weighted Z K [R, m], 0 where not included · gram ZᵀZ · gradients
 */
export function buildBatchedLatentStep(latent: LatentModel, m: number, batch: number): Uint8Array {
  const graph = new GraphBuilder('latent-step');
  const h: Value = { name: graph.input('h', 'float', ['rows', m]), shape: ['rows', m] };
  const target = graph.input('target', 'float', ['rows', m]);
  const included = graph.input('included', 'float', ['rows', 1]);
  const step = declareStep(graph, latent, m);
  const positions = latent.positions ? step.tape.input(POSITIONS, ['rows', m]) : undefined;
  const { left, reconstruction, weighted } = addStep(graph, latent, step, { h, target, positions, included, batch });
  graph.output('left', left, 'float', ['rows', 2 * m]);
  graph.output('reconstruction', reconstruction, 'float', ['rows', m]);
  graph.output('weighted', weighted, 'float', ['rows', m]);
  graph.output('gram', graph.node('Gemm', [reconstruction, reconstruction], { transA: 1 }), 'float', [m, m]);
  latentGradientOutputs(graph, latent, step);
  return graph.encode();
}

/**
 * The loss of one sample without its gradient, and its FBN activations: inputs sample, theta, the latent part's; outputs
 * reconstruction, target, gram as in buildSampleSteps, and where asked for activations Lᵀ [m, T].
 */
export function buildEvaluation(
  latent: LatentModel,
  type: SampleType,
  { fbns: m, voxels: N }: GraphSizes,
  withActivations: boolean,
): Uint8Array {
  const graph = new GraphBuilder('evaluation');
  const sample = sampleInput(graph, type, N);
  const products = graph.node('Gemm', [sample, graph.input('theta', 'float', [2 * m, N])], { transB: 1 });
  evaluate(graph, latent, m, products, withActivations);
  return graph.encode();
}

/** buildEvaluation after its large product: input products [H | A] [T, 2m], the latent part's; its outputs with activations. */
export function buildLatentEvaluation(latent: LatentModel, m: number): Uint8Array {
  const graph = new GraphBuilder('latent-evaluation');
  evaluate(graph, latent, m, graph.input('products', 'float', ['time', 2 * m]), true);
  return graph.encode();
}

/**
 * The latent part of several series at once, without its gradient.
 *   inputs   h [R, m] · kernel · the latent part's
 *   outputs  reconstruction Z and weighted Z K [R, m]
 */
export function buildBatchedLatentEvaluation(latent: LatentModel, m: number, batch: number): Uint8Array {
  const graph = new GraphBuilder('batched-latent-evaluation');
  const h: Value = { name: graph.input('h', 'float', ['rows', m]), shape: ['rows', m] };
  const Z = latentForward(graph, latent, m, batch, h).values.reconstruction.name;
  graph.output('reconstruction', Z, 'float', ['rows', m]);
  graph.output('weighted', graph.node('MatMul', [Z, graph.input('kernel', 'float', [m, m])]), 'float', ['rows', m]);
  return graph.encode();
}

function evaluate(graph: GraphBuilder, latent: LatentModel, m: number, products: string, withActivations: boolean): void {
  const { h, target } = halves(graph, products);
  const { values } = latentForward(graph, latent, m, 1, { name: h, shape: ['time', m] });
  if (withActivations) {
    const transposed = graph.node('Transpose', [values.activations.name], { perm: [1, 0] });
    graph.output('activations', transposed, 'float', [m, 'time']);
  }
  lossOutputs(graph, { reconstruction: values.reconstruction.name, target, time: 'time' }, m);
}

/** K = V Vᵀ [m, m]; input decoder V [m, N]. Once per step. */
export function buildKernel({ fbns: m, voxels: N }: GraphSizes): Uint8Array {
  const graph = new GraphBuilder('kernel');
  const decoder = graph.input('decoder', 'float', [m, N]);
  graph.output('kernel', graph.node('Gemm', [decoder, decoder], { transB: 1 }), 'float', [m, m]);
  return graph.encode();
}

/**
 * Completes ∂ℓ/∂V: gradient = gradientSoFar + gram · V. Once per step.
 *   inputs   gram c ΣZᵀZ [m, m] · decoder V [m, N] · gradientSoFar [m, N], which may be the memory of the output
 */
export function buildGramCorrection({ fbns: m, voxels: N }: GraphSizes): Uint8Array {
  const graph = new GraphBuilder('gram-correction');
  const gram = graph.input('gram', 'float', [m, m]);
  const decoder = graph.input('decoder', 'float', [m, N]);
  const gradientSoFar = graph.input('gradientSoFar', 'float', [m, N]);
  graph.output('gradient', graph.node('Gemm', [gram, decoder, gradientSoFar], {}, 'gradient'), 'float', [m, N]);
  return graph.encode();
}

/** (left S)(left S)ᵀ [m, m] over the voxels that take part: inputs sample [T, N], left [m, T], included [1, N] of 0 and 1. */
export function buildSpreadGram(voxels: number): Uint8Array {
  const graph = new GraphBuilder('spread-gram');
  const sample = sampleInput(graph, 'float32', voxels);
  const spread = graph.node('MatMul', [graph.input('left', 'float', ['fbns', 'time']), sample]);
  const included = graph.node('Mul', [spread, graph.input('included', 'float', [1, voxels])]);
  graph.output('gram', graph.node('Gemm', [included, included], { transB: 1 }), 'float', ['fbns', 'fbns']);
  return graph.encode();
}

/** Inputs left [fbns, time], sample [time, voxels]; output product [fbns, voxels]. */
export function buildActivationProduct(): Uint8Array {
  const graph = new GraphBuilder('activation-product');
  const inputs = [graph.input('left', 'float', ['fbns', 'time']), graph.input('sample', 'float', ['time', 'voxels'])];
  graph.output('product', graph.node('Gemm', inputs, {}, 'product'), 'float', ['fbns', 'voxels']);
  return graph.encode();
}

/** Declares the latent part's inputs and adds its forward pass. */
function latentForward(graph: GraphBuilder, latent: LatentModel, m: number, batch: number, h: Value) {
  const tape = new Tape(graph);
  const parameters = latent.parameters.map(({ name, shape }) => tape.input(name, shape));
  const positions = latent.positions ? tape.input(POSITIONS, [h.shape[0]!, m]) : undefined;
  const values: LatentValues<Value> = latent.build(tape, h, parameters, batch, positions);
  return { tape, parameters, values };
}

/** What the samples of a step's graph have in common; `gradients` of the parameters are summed as samples are added. */
interface StepParts {
  tape: Tape;
  kernel: string;
  factor: string;
  parameters: readonly Value[];
  gradients: string[];
}

function declareStep(graph: GraphBuilder, latent: LatentModel, m: number): StepParts {
  const tape = new Tape(graph);
  return {
    tape,
    kernel: graph.input('kernel', 'float', [m, m]),
    factor: graph.input('factor', 'float', []),
    parameters: latent.parameters.map(({ name, shape }) => tape.input(name, shape)),
    gradients: [],
  };
}

interface StepSeries {
  h: Value;
  target: string;
  positions: Value | undefined;
  included?: string;
  batch?: number;
}

/** Adds the latent part of one sample, or of a layout of several, forward and back. */
function addStep(graph: GraphBuilder, latent: LatentModel, step: StepParts, series: StepSeries) {
  const { tape, kernel, factor, parameters } = step;
  const { h, target, positions, included, batch = 1 } = series;
  const { reconstruction: Z } = latent.build(tape, h, parameters, batch, positions);
  const reconstruction = included ? graph.node('Mul', [Z.name, included]) : Z.name;
  const weighted = graph.node('MatMul', [reconstruction, kernel]);
  const gradientOfZ = graph.node('Mul', [graph.node('Sub', [weighted, target]), factor]);
  const [ofH, ...ofParameters] = tape.backward(Z, { name: gradientOfZ, shape: Z.shape }, [h, ...parameters]);
  step.gradients = ofParameters.map(({ name }, p) => {
    const sum = step.gradients[p];
    return sum === undefined ? name : graph.node('Add', [sum, name]);
  });
  const scaled = graph.node('Mul', [reconstruction, graph.node('Neg', [factor])]);
  return { left: graph.node('Concat', [ofH!.name, scaled], { axis: 1 }), reconstruction, weighted };
}

function latentGradientOutputs(graph: GraphBuilder, { parameters }: LatentModel, { gradients }: StepParts): void {
  for (const [i, { name, shape }] of parameters.entries()) graph.output(`gradient/${name}`, gradients[i]!, 'float', shape);
}

/** @param index of the sample where a graph takes several; their names and times differ */
function sampleInput(graph: GraphBuilder, type: SampleType, voxels: number, index?: number): string {
  const name = (stem: string) => (index === undefined ? stem : ofSample(stem, index));
  const sample = graph.input(name('sample'), type === 'float32' ? 'float' : 'float16', [name('time'), voxels]);
  return type === 'float32' ? sample : graph.node('Cast', [sample], { to: ElementType.float });
}

/** [H | A] = S Θᵀ, the first large product. */
function bothProducts(graph: GraphBuilder, sample: string, theta: string): { h: string; target: string } {
  return halves(graph, graph.node('Gemm', [sample, theta], { transB: 1 }));
}

function halves(graph: GraphBuilder, products: string): { h: string; target: string } {
  const [h, target] = graph.nodes('Split', [products], 2, { axis: 1, num_outputs: 2 });
  return { h: h!, target: target! };
}

function lossOutputs(
  graph: GraphBuilder,
  { reconstruction, target, time }: Record<'reconstruction' | 'target' | 'time', string>,
  fbns: number,
  nameOf = (name: string) => name,
): void {
  graph.output(nameOf('reconstruction'), reconstruction, 'float', [time, fbns]);
  graph.output(nameOf('target'), target, 'float', [time, fbns]);
  const gram = graph.node('Gemm', [reconstruction, reconstruction], { transA: 1 });
  graph.output(nameOf('gram'), gram, 'float', [fbns, fbns]);
}
