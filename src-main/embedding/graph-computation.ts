import type { Device, Tensor } from '../../src-preload/shared/domain/engine';
import { GraphSessions, LargeProducts, type GraphPlace } from './graph-sessions';
import * as graphs from './graphs';
import { positionalEncoding } from './latent/attention';
import { parameterCount, splitParameters, type LatentModel } from './latent/model';
import { latentModel } from './latent/models';
import { gatherSeries, layOutSeries, lossTermsOfSeries } from './series-layout';
import type { ComputationSettings, EmbeddingComputation, EmbeddingWeights, LossTerms } from './computation';
import { dot, groupSize, inChunks } from './computation-parts';
import { valueType, type LoadedSample, type SampleGroup, type Widen } from './samples';
import { float32, ofSamples, sampleTensor, scalar, tensor, thetaTensor } from './tensors';

/** Samples that one run of a graph takes on a GPU. */
export const TOGETHER_ON_GPU = 8;
const lossNames = ['reconstruction', 'target', 'gram'] as const;

/**
 * The graphs of an embedding on an engine that takes whole graphs, with the memory they write to: nothing large is allocated per
 * step.
 */
export class GraphComputation implements EmbeddingComputation {
  readonly latent: LatentModel;
  private readonly sessions: GraphSessions;
  private readonly products: LargeProducts;
  private readonly kernel: Tensor;
  private readonly gradient: Tensor;
  private readonly latentGradient: Float32Array;
  private readonly gramSum: Float64Array;
  private readonly encodings = new Map<number, Float32Array>();

  constructor(
    private readonly place: GraphPlace,
    private readonly settings: ComputationSettings,
  ) {
    const { fbns: m, voxels: N } = settings;
    this.latent = latentModel(settings);
    this.sessions = new GraphSessions(place);
    this.products = new LargeProducts(this.sessions, settings);
    this.kernel = float32([m, m]);
    this.gradient = float32([2 * m, N]);
    this.latentGradient = new Float32Array(parameterCount(this.latent));
    this.gramSum = new Float64Array(m * m);
  }

  /**
   * A recurrence is an ONNX Scan, which only the CPU has: its own graphs run there, beside large products on the device, rather
   * than that ONNX Runtime moves parts of a graph without a word.
   */
  private get latentDevice(): Device {
    return this.latent.batched ? 'cpu' : this.place.device;
  }

  async provider(): Promise<string> {
    const { device } = this.place;
    return this.latentDevice === device ? device : `${device}, recurrence on ${this.latentDevice}`;
  }

  async threads(): Promise<number | null> {
    return this.place.threads ?? null;
  }

  groupSize(batch: number, time: number): number {
    return groupSize(this.latent.batched ? undefined : this.together, batch, time, this.settings.voxels);
  }

  /**
   * Samples that one run of a graph takes. On a GPU weights and gradient travel there and back with every run, which costs as much as
   * a sample itself (docs/benchmarks.md); on the CPU nothing travels, and more at once would only need more memory.
   */
  private get together(): number {
    return this.place.device === 'cpu' ? 1 : TOGETHER_ON_GPU;
  }

  async step(
    weights: EmbeddingWeights,
    groups: AsyncIterable<SampleGroup>,
    factor: number,
  ): Promise<{ terms: LossTerms[]; gradient: EmbeddingWeights }> {
    await this.prepare(weights);
    (this.gradient.data as Float32Array).fill(0);
    this.latentGradient.fill(0);
    this.gramSum.fill(0);
    const terms: LossTerms[] = [];
    for await (const group of groups) {
      if (this.latent.batched) terms.push(...(await this.addGroup(weights, group, factor)));
      else
        for await (const samples of inChunks(group, this.together))
          terms.push(...(await this.addSamples(weights, samples, factor)));
    }
    await this.addGramCorrection(weights);
    return { terms, gradient: { theta: this.gradient.data as Float32Array, latent: this.latentGradient } };
  }

  async prepare({ theta }: EmbeddingWeights): Promise<void> {
    const session = await this.sessions.get('kernel', () => graphs.buildKernel(this.settings));
    await session.run({ decoder: this.decoderTensor(theta) }, { kernel: this.kernel });
  }

  async evaluate(weights: EmbeddingWeights, group: SampleGroup): Promise<LossTerms[]> {
    if (this.latent.batched) return this.evaluateGroup(weights, group);
    const terms: LossTerms[] = [];
    for await (const sample of group) terms.push(this.lossTerms(await this.forward(weights, sample, false)));
    return terms;
  }

  async encode(weights: EmbeddingWeights, sample: LoadedSample): Promise<LossTerms & { activations: Float32Array }> {
    const outputs = await this.forward(weights, sample, true);
    return { ...this.lossTerms(outputs), activations: outputs.activations!.data as Float32Array };
  }

  /** On a GPU samples stay as they are stored: twice the bytes would travel there. */
  get widen(): Widen | undefined {
    return this.place.device === 'cpu' ? this.widenOnCpu : undefined;
  }

  private readonly widenOnCpu: Widen = async (data, time, voxels) => {
    const session = await this.sessions.get('widen', graphs.buildWidening);
    const values = float32([time, voxels]);
    await session.run({ sample: { type: 'float16', dims: [time, voxels], data } }, { values });
    return values.data as Float32Array<ArrayBuffer>;
  };

  async release(): Promise<void> {
    await this.sessions.release();
  }

  private async forward(weights: EmbeddingWeights, sample: LoadedSample, withActivations: boolean) {
    const [dataType, { time }] = [valueType(sample), sample.source];
    if (this.latentDevice !== this.place.device) return this.forwardApart(weights, sample);
    const session = await this.sessions.get(`evaluation-${dataType}-${withActivations}`, () =>
      graphs.buildEvaluation(this.latent, dataType, this.settings, withActivations),
    );
    return session.run({
      ...{ sample: sampleTensor(sample), theta: thetaTensor(weights.theta, this.settings) },
      ...this.latentFeeds(weights, time),
    });
  }

  /** `forward` with the latent part on another device than the large product. */
  private async forwardApart(weights: EmbeddingWeights, sample: LoadedSample) {
    const [values] = await this.products.first(weights, [sample]);
    const products = tensor([sample.source.time, 2 * this.settings.fbns], values!);
    const session = await this.sessions.get(
      'latent-evaluation',
      () => graphs.buildLatentEvaluation(this.latent, this.settings.fbns),
      this.latentDevice,
    );
    return session.run({ products, ...this.latentFeeds(weights, sample.source.time) });
  }

  /** Samples whose latent parts have nothing to do with each other, in one run of a graph. */
  private async addSamples(weights: EmbeddingWeights, samples: LoadedSample[], factor: number): Promise<LossTerms[]> {
    const type = valueType(samples[0]!);
    const session = await this.sessions.get(`step-${type}-${samples.length}`, () =>
      graphs.buildSampleSteps(this.latent, type, this.settings, samples.length),
    );
    const positions = samples.map(({ source }) => this.positionFeeds(source.time)[graphs.POSITIONS]!);
    const outputs = await session.run(
      {
        ...ofSamples('sample', samples.map(sampleTensor)),
        ...(this.latent.positions && ofSamples(graphs.POSITIONS, positions)),
        ...{ theta: thetaTensor(weights.theta, this.settings), kernel: this.kernel },
        ...{ factor: scalar(factor), gradientSoFar: this.gradient },
        ...this.parameterFeeds(weights),
      },
      { gradient: this.gradient, ...this.sampleFetches(samples.length), ...this.latentFetches() },
    );
    this.collectLatent(outputs);
    return samples.map((_, i) => {
      const [reconstruction, target, gram] = lossNames.map((name) => outputs[graphs.ofSample(name, i)]!);
      this.collectGram(gram!, factor);
      return this.lossTerms({ reconstruction: reconstruction!, target: target!, gram: gram! });
    });
  }

  /** Several samples: the first product of each, and the latent part of all at once, since a recurrence costs little more for many. */
  private async evaluateGroup(weights: EmbeddingWeights, group: SampleGroup): Promise<LossTerms[]> {
    const { fbns: m } = this.settings;
    const { samples, times, rows, h, target } = await this.layOut(weights, group);
    const session = await this.sessions.get(
      `batched-evaluation-${samples.length}`,
      () => graphs.buildBatchedLatentEvaluation(this.latent, m, samples.length),
      this.latentDevice,
    );
    const feeds = { h: tensor([rows, m], h), kernel: this.kernel, ...this.latentFeeds(weights, rows) };
    const { reconstruction, weighted } = (await session.run(feeds)) as Record<string, { data: Float32Array }>;
    return lossTermsOfSeries({ reconstruction: reconstruction!.data, target, weighted: weighted!.data }, times, m);
  }

  private async layOut(weights: EmbeddingWeights, group: SampleGroup) {
    const samples: LoadedSample[] = [];
    const products: Float32Array[] = [];
    for await (const chunk of inChunks(group, this.together)) {
      samples.push(...chunk);
      products.push(...(await this.products.first(weights, chunk)));
    }
    const times = samples.map(({ source }) => source.time);
    return { samples, times, rows: Math.max(...times) * samples.length, ...layOutSeries(products, times, this.settings.fbns) };
  }

  /** Several samples: the first product of each, the latent part of all at once, the second product of each. */
  private async addGroup(weights: EmbeddingWeights, group: SampleGroup, factor: number): Promise<LossTerms[]> {
    const { fbns: m } = this.settings;
    const { samples, times, rows, h, target, included } = await this.layOut(weights, group);
    const session = await this.sessions.get(
      `latent-${samples.length}`,
      () => graphs.buildBatchedLatentStep(this.latent, m, samples.length),
      this.latentDevice,
    );
    const outputs = await session.run({
      ...{ h: tensor([rows, m], h), target: tensor([rows, m], target), included: tensor([rows, 1], included) },
      ...{ kernel: this.kernel, factor: scalar(factor), ...this.latentFeeds(weights, rows) },
    });
    this.collectLatent(outputs);
    this.collectGram(outputs.gram!, factor);
    for (let first = 0; first < samples.length; first += this.together) {
      const chunk = samples.slice(first, first + this.together);
      const lefts = chunk.map((_, i) => gatherSeries(outputs.left!.data as Float32Array, first + i, times, 2 * m));
      await this.products.second(chunk, lefts, this.gradient);
    }
    const [reconstruction, weighted] = ['reconstruction', 'weighted'].map((name) => outputs[name]!.data as Float32Array);
    return lossTermsOfSeries({ reconstruction: reconstruction!, target, weighted: weighted! }, times, m);
  }

  /** Adds c ZᵀZ to the sum of the step. */
  private collectGram(gram: Tensor, factor: number): void {
    const values = gram.data as Float32Array;
    for (let i = 0; i < values.length; i++) this.gramSum[i]! += factor * values[i]!;
  }

  /** Adds the latent part's gradients to the sums of the step. */
  private collectLatent(outputs: Record<string, Tensor>): void {
    const sums = splitParameters(this.latent, this.latentGradient);
    for (const [p, { name }] of this.latent.parameters.entries()) {
      const [sum, gradient] = [sums[p]!, outputs[`gradient/${name}`]!.data as Float32Array];
      for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!;
    }
  }

  /** Completes ∂ℓ/∂V by c ΣZᵀZ V. */
  private async addGramCorrection({ theta }: EmbeddingWeights): Promise<void> {
    const { fbns: m, voxels: N } = this.settings;
    const session = await this.sessions.get('gram-correction', () => graphs.buildGramCorrection(this.settings));
    const ofDecoder = tensor([m, N], (this.gradient.data as Float32Array).subarray(m * N));
    const gram = tensor([m, m], Float32Array.from(this.gramSum));
    await session.run({ gram, decoder: this.decoderTensor(theta), gradientSoFar: ofDecoder }, { gradient: ofDecoder });
  }

  /** The latent part's inputs: its weights, and the positional encoding. */
  private latentFeeds(weights: EmbeddingWeights, rows: number): Record<string, Tensor> {
    return { ...this.parameterFeeds(weights), ...this.positionFeeds(rows) };
  }

  private parameterFeeds({ latent }: EmbeddingWeights): Record<string, Tensor> {
    const values = splitParameters(this.latent, latent);
    return Object.fromEntries(this.latent.parameters.map(({ name, shape }, i) => [name, tensor(shape, values[i]!)]));
  }

  private positionFeeds(rows: number): Record<string, Tensor> {
    if (!this.latent.positions) return {};
    const { fbns } = this.settings;
    let encoding = this.encodings.get(rows);
    if (!encoding) this.encodings.set(rows, (encoding = positionalEncoding(rows, fbns)));
    return { [graphs.POSITIONS]: tensor([rows, fbns], encoding) };
  }

  private latentFetches(): Record<string, null> {
    return Object.fromEntries(this.latent.parameters.map(({ name }) => [`gradient/${name}`, null]));
  }

  private sampleFetches(count: number): Record<string, null> {
    const names = Array.from({ length: count }, (_, i) => lossNames.map((name) => graphs.ofSample(name, i))).flat();
    return Object.fromEntries(names.map((name) => [name, null]));
  }

  private lossTerms({ reconstruction, target, gram }: Record<string, Tensor>): LossTerms {
    return {
      cross: dot(reconstruction!.data as Float32Array, target!.data as Float32Array),
      quadratic: dot(gram!.data as Float32Array, this.kernel.data as Float32Array),
    };
  }

  private decoderTensor(theta: Float32Array): Tensor {
    const { fbns: m, voxels: N } = this.settings;
    return tensor([m, N], theta.subarray(m * N));
  }
}
