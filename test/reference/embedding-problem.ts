import { adamVector, applyAdam, weightValues, type Weights } from '../../src-main/embedding/adam';
import {
  createComputation,
  type ComputationPlace,
  type EmbeddingComputation,
  type EmbeddingWeights,
} from '../../src-main/embedding/computation';
import { samplesInMemory, type LoadedSample } from '../../src-main/embedding/samples';
import { DEFAULT_SETTINGS, type EmbeddingVariant } from '../../src-main/embedding/settings';
import { referenceJson } from './reference-folder';

type Parameters = { W: number[][]; V: number[][] } & Record<string, unknown[]>;

interface Variant {
  params: Parameters;
  L: number[][][];
  loss: number;
  grads: Parameters;
  adamLoss: number[];
}

/** The small problem of embedding.json, with what PyTorch finds. */
export const reference = referenceJson<{
  shape: { batch: number; time: number; voxels: number; fbns: number; heads: number };
  S: number[][][];
  variants: Record<string, Variant>;
}>('embedding.json');

/** The variant that is computed twice, to see that the same place gives the same bits. */
export const AGAIN = 'lt-msa';

/** What one variant gives, or should give: plain arrays, which travel between processes. */
export interface Answers {
  loss: number;
  /** L of each sample, [fbns × time]. */
  activations: number[][];
  /** By parameter, W as Wᵀ. */
  gradients: Record<string, number[]>;
  adamLosses: number[];
}

const { time, voxels, fbns, heads } = reference.shape;

const samples = reference.S.map((rows, b): LoadedSample => {
  const values = Float32Array.from(rows.flat());
  return { source: samplesInMemory(`sample ${b}`, time, voxels, values), values };
});
const valueCount = samples.length * time * voxels;
const sumOfSquares = reference.S.flat(2).reduce((sum, value) => sum + value * value, 0);

/** What PyTorch finds. */
export function expectedAnswers(variant: string): Answers {
  const { L, loss, grads, adamLoss } = reference.variants[variant]!;
  const { W, ...others } = grads;
  const gradients = Object.fromEntries(Object.entries(others).map(([name, values]) => [name, (values as number[]).flat()]));
  const activations = L.map((rows) => rows[0]!.flatMap((_, fbn) => rows.map((row) => row[fbn]!)));
  return { loss, activations, gradients: { W: transposed(W).flat(), ...gradients }, adamLosses: adamLoss };
}

/** What an engine finds on a device; the problem is computed as a training computes. */
export async function computeAnswers(place: ComputationPlace, variant: string): Promise<Answers> {
  const computation = createComputation(place, {
    variant: variant.replace('-residual-norm', '') as EmbeddingVariant,
    ...{ fbns, voxels, heads, positions: false, residualNorm: variant.endsWith('-residual-norm') },
  });
  try {
    const weights = weightsOf(computation, reference.variants[variant]!.params);
    const { loss, gradient } = await fullBatch(computation, weights);
    const gradients = byParameter(computation, gradient);
    return { loss, gradients, activations: await encode(computation, weights), adamLosses: await adam(computation, weights) };
  } finally {
    await computation.release();
  }
}

function transposed(matrix: number[][]): number[][] {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

/** The file's parameters as the program holds them; one that either side lacks fails. */
function weightsOf({ latent }: EmbeddingComputation, parameters: Parameters): EmbeddingWeights {
  if (Object.keys(parameters).length !== 2 + latent.parameters.length) throw new Error('the file has other parameters');
  const values = latent.parameters.flatMap(({ name }) => (parameters[name] as number[]).flat());
  return {
    theta: Float32Array.from([...transposed(parameters.W), ...parameters.V].flat()),
    latent: Float32Array.from(values),
  };
}

function byParameter({ latent }: EmbeddingComputation, { theta, latent: values }: EmbeddingWeights): Record<string, number[]> {
  const half = fbns * voxels;
  const gradients: Record<string, number[]> = { W: [...theta.subarray(0, half)], V: [...theta.subarray(half)] };
  let offset = 0;
  for (const { name, shape } of latent.parameters) {
    const end = offset + shape.reduce((product, size) => product * size, 1);
    gradients[name] = [...values.subarray(offset, end)];
    offset = end;
  }
  return gradients;
}

/** Loss and gradient of the full batch at the weights given. */
async function fullBatch(computation: EmbeddingComputation, weights: EmbeddingWeights) {
  async function* groups() {
    const size = computation.groupSize(samples.length, time);
    for (let i = 0; i < samples.length; i += size) yield samples.slice(i, i + size);
  }
  const { terms, gradient } = await computation.step(weights, groups(), 2 / valueCount);
  const squaredError = terms.reduce((sum, { cross, quadratic }) => sum + quadratic - 2 * cross, sumOfSquares);
  return { loss: squaredError / valueCount, gradient };
}

async function encode(computation: EmbeddingComputation, weights: EmbeddingWeights): Promise<number[][]> {
  await computation.prepare(weights);
  const all: number[][] = [];
  for (const sample of samples) all.push([...(await computation.encode(weights, sample)).activations]);
  return all;
}

/** The losses before each Adam step on the full batch, with the paper's learning rate, which is the default. */
async function adam(computation: EmbeddingComputation, { theta, latent }: EmbeddingWeights): Promise<number[]> {
  const weights: Weights = { theta: adamVector(theta.slice()), latent: adamVector(latent.slice()), step: 0 };
  const losses: number[] = [];
  for (const _ of reference.variants.lt!.adamLoss) {
    const { loss, gradient } = await fullBatch(computation, weightValues(weights));
    losses.push(loss);
    applyAdam(weights, gradient, DEFAULT_SETTINGS);
  }
  return losses;
}
