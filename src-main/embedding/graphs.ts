import { GraphBuilder } from '../onnx/graph-builder';
import { ElementType } from '../onnx/model';
import type { LatentModel } from './latent';

/*
 * The heavy part of DESIGN section 5 as ONNX graphs. Θ = [Wᵀ; V] is one input of shape [2m, voxels]; S' and the residual are
 * never formed. Sizes: T time points, N voxels, m FBNs.
 */

/** The sizes that graphs are built for; time may differ from run to run. */
export interface GraphSizes {
  fbns: number;
  voxels: number;
}

/** How a sample is stored; float16 is cast to float32 once, inside the graph. */
export type SampleType = 'float16' | 'float32';

/**
 * One sample of a training step.
 *   inputs   sample S [T, N] · theta Θ · kernel K = V Vᵀ [m, m] · factor c (scalar) · gradientSoFar [2m, N]
 *   outputs  gradient = gradientSoFar + [∂ℓ/∂H | −c Z]ᵀ S, where ∂ℓ/∂Z = c (Z K − A)
 *            reconstruction Z [T, m] · target A = S Vᵀ [T, m] · gram ZᵀZ [m, m]
 * The rows of V still lack c ΣZᵀZ V, which is added once per batch (buildGramCorrection).
 * `gradient` comes from a Gemm whose C is `gradientSoFar`, so both may be the same memory.
 */
export function buildSampleStep(latent: LatentModel, type: SampleType, { fbns: m, voxels: N }: GraphSizes): Uint8Array {
  const graph = new GraphBuilder('sample-step');
  const sample = sampleInput(graph, type, N);
  const theta = graph.input('theta', 'float', [2 * m, N]);
  const kernel = graph.input('kernel', 'float', [m, m]);
  const factor = graph.input('factor', 'float', []);
  const gradientSoFar = graph.input('gradientSoFar', 'float', [2 * m, N]);
  const { h, target } = bothProducts(graph, sample, theta);
  const { reconstruction, backward } = latent.build(graph, h);
  const difference = graph.node('Sub', [graph.node('MatMul', [reconstruction, kernel]), target]);
  const gradientOfH = backward(graph.node('Mul', [difference, factor]));
  const scaled = graph.node('Mul', [reconstruction, graph.node('Neg', [factor])]);
  const left = graph.node('Concat', [gradientOfH, scaled], { axis: 1 });
  const gradient = graph.node('Gemm', [left, sample, gradientSoFar], { transA: 1 }, 'gradient');
  graph.output('gradient', gradient, 'float', [2 * m, N]);
  lossOutputs(graph, reconstruction, target, m);
  return graph.encode();
}

/** The loss of one sample without its gradient: inputs sample, theta; outputs reconstruction, target, gram as in buildSampleStep. */
export function buildEvaluation(latent: LatentModel, type: SampleType, { fbns: m, voxels: N }: GraphSizes): Uint8Array {
  const graph = new GraphBuilder('evaluation');
  const sample = sampleInput(graph, type, N);
  const { h, target } = bothProducts(graph, sample, graph.input('theta', 'float', [2 * m, N]));
  lossOutputs(graph, latent.build(graph, h).reconstruction, target, m);
  return graph.encode();
}

/** buildEvaluation with the FBN activations as one more output: activations Lᵀ [m, T]. */
export function buildEncoder(latent: LatentModel, type: SampleType, { fbns: m, voxels: N }: GraphSizes): Uint8Array {
  const graph = new GraphBuilder('encoder');
  const sample = sampleInput(graph, type, N);
  const { h, target } = bothProducts(graph, sample, graph.input('theta', 'float', [2 * m, N]));
  const { activations, reconstruction } = latent.build(graph, h);
  graph.output('activations', graph.node('Transpose', [activations], { perm: [1, 0] }), 'float', [m, 'time']);
  lossOutputs(graph, reconstruction, target, m);
  return graph.encode();
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

function sampleInput(graph: GraphBuilder, type: SampleType, voxels: number): string {
  if (type === 'float32') return graph.input('sample', 'float', ['time', voxels]);
  return graph.node('Cast', [graph.input('sample', 'float16', ['time', voxels])], { to: ElementType.float });
}

/** [H | A] = S Θᵀ, the first large product. */
function bothProducts(graph: GraphBuilder, sample: string, theta: string): { h: string; target: string } {
  const products = graph.node('Gemm', [sample, theta], { transB: 1 });
  const [h, target] = graph.nodes('Split', [products], 2, { axis: 1, num_outputs: 2 });
  return { h: h!, target: target! };
}

function lossOutputs(graph: GraphBuilder, reconstruction: string, target: string, fbns: number): void {
  graph.output('reconstruction', reconstruction, 'float', ['time', fbns]);
  graph.output('target', target, 'float', ['time', fbns]);
  const gram = graph.node('Gemm', [reconstruction, reconstruction], { transA: 1 });
  graph.output('gram', gram, 'float', [fbns, fbns]);
}
