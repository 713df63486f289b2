import type { Device, HeldTensor, TensorBackend, TensorEngine } from '../../src-preload/shared/domain/engine';
import type { ComputationSettings, EmbeddingComputation, EmbeddingWeights, LossTerms } from './computation';
import { dot, groupSize } from './computation-parts';
import { positionalEncoding } from './latent/attention';
import { parameterCount, splitParameters, type LatentModel } from './latent/model';
import { latentModel } from './latent/models';
import type { LoadedSample, SampleGroup, SampleValues, Widen } from './samples';
import { gatherSeries, layOutSeries, lossTermsOfSeries } from './series-layout';

interface TensorPlace {
  engine: TensorEngine;
  device: Device;
  /** A certain one of the engine. */
  provider?: string;
}

/** The weights as the engine holds them for one step, and what follows from them. */
interface HeldWeights {
  /** Θᵀ [N, 2m], for the first product. */
  thetaTransposed: HeldTensor;
  /** V [m, N] */
  decoder: HeldTensor;
  /** K = V Vᵀ [m, m] */
  kernel: HeldTensor;
  latent: HeldTensor[];
}

/** What the latent part of one sample or group gives on the way to its gradient. */
interface LatentOutcome {
  /** [∂ℓ/∂H | −c Z] [R, 2m] */
  left: HeldTensor;
  /** Z [R, m], 0 where a series of a group has ended. */
  reconstruction: HeldTensor;
  /** Z K [R, m] */
  weighted: HeldTensor;
  /** ZᵀZ [m, m] */
  gram: HeldTensor;
  gradients: HeldTensor[];
}

/** What a step sums up over its samples. */
interface StepSums {
  /** ∂ℓ/∂Θ so far, as the engine holds it. */
  theta?: HeldTensor;
  /** c ΣZᵀZ [m, m] */
  gram: Float64Array;
  terms: LossTerms[];
}

/**
 * An embedding on an engine that differentiates by itself. As in the graphs, S' and the residual are never formed: the two large
 * products are taken as they are, and only H → L → Z is differentiated, for the objective c (½⟨Z K, Z⟩ − ⟨Z, A⟩), whose gradient
 * to Z is c (Z K − A).
 */
export class TensorComputation implements EmbeddingComputation {
  readonly latent: LatentModel;
  private opened: Promise<TensorBackend> | undefined;
  private prepared: HeldWeights | undefined;
  private readonly thetaGradient: Float32Array;
  private readonly latentGradient: Float32Array;
  private readonly encodings = new Map<number, Float32Array>();

  constructor(
    private readonly place: TensorPlace,
    private readonly settings: ComputationSettings,
  ) {
    this.latent = latentModel(settings);
    this.thetaGradient = new Float32Array(2 * settings.fbns * settings.voxels);
    this.latentGradient = new Float32Array(parameterCount(this.latent));
  }

  async provider(): Promise<string> {
    return (await this.backend()).provider;
  }

  async threads(): Promise<number | null> {
    return (await this.backend()).threads;
  }

  groupSize(batch: number, time: number): number {
    return groupSize(this.latent.batched ? undefined : 1, batch, time, this.settings.voxels);
  }

  async step(
    weights: EmbeddingWeights,
    groups: AsyncIterable<SampleGroup>,
    factor: number,
  ): Promise<{ terms: LossTerms[]; gradient: EmbeddingWeights }> {
    const { fbns: m, voxels: N } = this.settings;
    const backend = await this.backend();
    await this.prepare(weights);
    this.latentGradient.fill(0);
    const sums: StepSums = { gram: new Float64Array(m * m), terms: [] };
    for await (const group of groups) {
      if (this.latent.batched) await this.addGroup(backend, group, factor, sums);
      else for await (const sample of group) await this.addSample(backend, sample, factor, sums);
    }
    this.thetaGradient.set((await readAll(backend, [sums.theta!]))[0]!);
    const correction = await this.gramCorrection(backend, sums.gram);
    const ofDecoder = this.thetaGradient.subarray(m * N);
    for (let i = 0; i < ofDecoder.length; i++) ofDecoder[i]! += correction[i]!;
    return { terms: sums.terms, gradient: { theta: this.thetaGradient, latent: this.latentGradient } };
  }

  async prepare({ theta, latent }: EmbeddingWeights): Promise<void> {
    const backend = await this.backend();
    this.forget(backend);
    const { fbns: m, voxels: N } = this.settings;
    const [thetaTransposed, decoder, kernel] = backend.within(() => {
      const V = backend.hold([m, N], theta.subarray(m * N));
      const transposed = backend.apply('transpose', [backend.hold([2 * m, N], theta)], { perm: [1, 0] });
      return [transposed, V, backend.apply('product', [V, V], { transB: true })];
    });
    const parameters = splitParameters(this.latent, latent).map((values, p) =>
      backend.hold(this.latent.parameters[p]!.shape, values),
    );
    this.prepared = { thetaTransposed: thetaTransposed!, decoder: decoder!, kernel: kernel!, latent: parameters };
  }

  async evaluate(_weights: EmbeddingWeights, group: SampleGroup): Promise<LossTerms[]> {
    if (this.latent.batched) return this.evaluateGroup(group);
    const terms: LossTerms[] = [];
    for await (const sample of group) {
      const { cross, quadratic } = await this.encode(_weights, sample);
      terms.push({ cross, quadratic });
    }
    return terms;
  }

  async encode(_weights: EmbeddingWeights, sample: LoadedSample): Promise<LossTerms & { activations: Float32Array }> {
    const backend = await this.backend();
    const held = backend.within(() => {
      const { h, target } = this.firstProduct(backend, this.holdSample(backend, sample));
      const { activations, reconstruction } = this.forward(backend, h, this.weights.latent, 1);
      const transposed = backend.apply('transpose', [activations], { perm: [1, 0] });
      return [transposed, reconstruction, target, backend.apply('product', [reconstruction, this.weights.kernel], {})];
    });
    const [activations, Z, A, ZK] = await readAll(backend, held);
    return { cross: dot(Z!, A!), quadratic: dot(Z!, ZK!), activations: activations! };
  }

  readonly widen: Widen = async (values) => widen(values);

  async release(): Promise<void> {
    if (this.opened) this.forget(await this.opened);
  }

  private backend(): Promise<TensorBackend> {
    const { engine, device, provider } = this.place;
    return (this.opened ??= engine.open(device, provider));
  }

  private get weights(): HeldWeights {
    if (!this.prepared) throw new Error('the weights were not prepared');
    return this.prepared;
  }

  private forget(backend: TensorBackend): void {
    if (!this.prepared) return;
    const { thetaTransposed, decoder, kernel, latent } = this.prepared;
    backend.letGo(thetaTransposed, decoder, kernel, ...latent);
    this.prepared = undefined;
  }

  /** One sample on its own. */
  private async addSample(backend: TensorBackend, sample: LoadedSample, factor: number, sums: StepSums): Promise<void> {
    const [target, ...outcome] = backend.within(() => {
      const S = this.holdSample(backend, sample);
      const { h, target } = this.firstProduct(backend, S);
      const { left, reconstruction, weighted, gram, gradients } = this.latentStep(backend, h, target, factor, 1);
      return [target, reconstruction, weighted, this.addSecondProduct(backend, left, S, sums), gram, ...gradients];
    });
    const [reconstruction, weighted, theta, ...rest] = outcome;
    this.replaceSum(backend, sums, theta!);
    const [A, Z, ZK, ...others] = await readAll(backend, [target!, reconstruction!, weighted!, ...rest]);
    this.collect(others, factor, sums);
    sums.terms.push({ cross: dot(Z!, A!), quadratic: dot(Z!, ZK!) });
  }

  /** Several samples: the first product of each, and the latent part of all at once. */
  private async evaluateGroup(group: SampleGroup): Promise<LossTerms[]> {
    const { fbns: m } = this.settings;
    const backend = await this.backend();
    const { samples, times, rows, h, target } = await this.layOut(backend, group);
    const held = backend.within(() => {
      const { reconstruction } = this.forward(backend, backend.hold([rows, m], h), this.weights.latent, samples.length);
      return [reconstruction, backend.apply('product', [reconstruction, this.weights.kernel], {})];
    });
    const [reconstruction, weighted] = await readAll(backend, held);
    return lossTermsOfSeries({ reconstruction: reconstruction!, target, weighted: weighted! }, times, m);
  }

  private async layOut(backend: TensorBackend, group: SampleGroup) {
    const samples: LoadedSample[] = [];
    const products: Float32Array[] = [];
    for await (const sample of group) {
      samples.push(sample);
      const held = backend.within(() => [this.bothProducts(backend, this.holdSample(backend, sample))]);
      products.push(...(await readAll(backend, held)));
    }
    const times = samples.map(({ source }) => source.time);
    return { samples, times, rows: Math.max(...times) * samples.length, ...layOutSeries(products, times, this.settings.fbns) };
  }

  /** Several samples: the first product of each, the latent part of all at once, the second product of each. */
  private async addGroup(backend: TensorBackend, group: SampleGroup, factor: number, sums: StepSums): Promise<void> {
    const { fbns: m } = this.settings;
    const { samples, times, rows, ...laidOut } = await this.layOut(backend, group);
    const held = backend.within(() => {
      const [h, target] = [backend.hold([rows, m], laidOut.h), backend.hold([rows, m], laidOut.target)];
      const included = backend.hold([rows, 1], laidOut.included);
      const outcome = this.latentStep(backend, h, target, factor, samples.length, included);
      return [outcome.left, outcome.reconstruction, outcome.weighted, outcome.gram, ...outcome.gradients];
    });
    const [left, Z, ZK, ...rest] = await readAll(backend, held);
    this.collect(rest, factor, sums);
    for (const [b, sample] of samples.entries()) {
      const [theta] = backend.within(() => {
        const ofSample = backend.hold([times[b]!, 2 * m], gatherSeries(left!, b, times, 2 * m));
        return [this.addSecondProduct(backend, ofSample, this.holdSample(backend, sample), sums)];
      });
      this.replaceSum(backend, sums, theta!);
    }
    sums.terms.push(...lossTermsOfSeries({ reconstruction: Z!, target: laidOut.target, weighted: ZK! }, times, m));
  }

  /** The latent part forward and back. @param included [R, 1], 0 where a shorter series of a group has ended */
  private latentStep(
    backend: TensorBackend,
    h: HeldTensor,
    target: HeldTensor,
    factor: number,
    batch: number,
    included?: HeldTensor,
  ): LatentOutcome {
    const { kernel, latent } = this.weights;
    const { gradients, wanted } = backend.differentiate([h, ...latent], ([ownH, ...parameters]) => {
      const { reconstruction } = this.forward(backend, ownH!, parameters, batch);
      const Z = included ? backend.apply('multiply', [reconstruction, included]) : reconstruction;
      const weighted = backend.apply('product', [Z, kernel], {});
      const half = backend.apply('scale', [weighted], { by: factor / 2 });
      const ofTarget = backend.apply('scale', [target], { by: -factor });
      return { scalar: backend.inner(Z, backend.apply('add', [half, ofTarget])), wanted: [Z, weighted] };
    });
    const [ofH, ...ofParameters] = gradients;
    const [reconstruction, weighted] = wanted as [HeldTensor, HeldTensor];
    const left = backend.beside(ofH!, backend.apply('scale', [reconstruction], { by: -factor }));
    const gram = backend.apply('product', [reconstruction, reconstruction], { transA: true });
    return { left, reconstruction, weighted, gram, gradients: ofParameters };
  }

  private forward(backend: TensorBackend, h: HeldTensor, parameters: readonly HeldTensor[], batch: number) {
    return this.latent.build(backend, h, parameters, batch, this.positions(backend, h.shape[0]!));
  }

  private positions(backend: TensorBackend, rows: number): HeldTensor | undefined {
    if (!this.latent.positions) return undefined;
    const { fbns } = this.settings;
    let encoding = this.encodings.get(rows);
    if (!encoding) this.encodings.set(rows, (encoding = positionalEncoding(rows, fbns)));
    return backend.hold([rows, fbns], encoding);
  }

  /** [H | A] = S Θᵀ [T, 2m] */
  private bothProducts(backend: TensorBackend, S: HeldTensor): HeldTensor {
    return backend.apply('product', [S, this.weights.thetaTransposed], {});
  }

  private firstProduct(backend: TensorBackend, S: HeldTensor): { h: HeldTensor; target: HeldTensor } {
    const { fbns: m } = this.settings;
    const both = this.bothProducts(backend, S);
    const columns = (start: number) => backend.apply('columns', [both], { start, size: m });
    return { h: columns(0), target: columns(m) };
  }

  /** leftᵀ S [2m, N], added to the sum so far. */
  private addSecondProduct(backend: TensorBackend, left: HeldTensor, S: HeldTensor, { theta }: StepSums): HeldTensor {
    const product = backend.apply('product', [left, S], { transA: true });
    return theta ? backend.apply('add', [theta, product]) : product;
  }

  private replaceSum(backend: TensorBackend, sums: StepSums, theta: HeldTensor): void {
    if (sums.theta) backend.letGo(sums.theta);
    sums.theta = theta;
  }

  /** Adds c ZᵀZ and the latent part's gradients to the sums of the step. */
  private collect([gram, ...gradients]: Float32Array[], factor: number, sums: StepSums): void {
    for (let i = 0; i < sums.gram.length; i++) sums.gram[i]! += factor * gram![i]!;
    for (const [p, sum] of splitParameters(this.latent, this.latentGradient).entries())
      for (let i = 0; i < sum.length; i++) sum[i]! += gradients[p]![i]!;
  }

  /** c ΣZᵀZ V [m, N], which completes ∂ℓ/∂V. */
  private async gramCorrection(backend: TensorBackend, gramSum: Float64Array): Promise<Float32Array> {
    const { fbns: m } = this.settings;
    const held = backend.within(() => [
      backend.apply('product', [backend.hold([m, m], Float32Array.from(gramSum)), this.weights.decoder], {}),
    ]);
    return (await readAll(backend, held))[0]!;
  }

  private holdSample(backend: TensorBackend, { source, values }: LoadedSample): HeldTensor {
    return backend.hold([source.time, source.voxels], widen(values));
  }
}

/** The values of tensors, which are let go. */
async function readAll(backend: TensorBackend, tensors: readonly HeldTensor[]): Promise<Float32Array[]> {
  const values: Float32Array[] = [];
  for (const tensor of tensors) values.push(await backend.read(tensor));
  backend.letGo(...tensors);
  return values;
}

/** In float32: the same memory where it is, else a copy. */
function widen(values: SampleValues): Float32Array<ArrayBuffer> {
  if (values instanceof Float32Array) return values;
  return new Float32Array(new Float16Array(values.buffer, values.byteOffset, values.length));
}
