import type { Device, Engine, EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import { buildEncoder, buildEvaluation, buildGramCorrection, buildKernel, buildSampleStep, type GraphSizes } from './graphs';
import { latentModel, type LatentModel } from './latent';
import type { LoadedSample } from './samples';
import type { EmbeddingVariant } from './settings';

/** Where the graphs are computed. */
export interface ComputationPlace {
  engine: Engine;
  device: Device;
  /** Threads of the engine; its own choice where left out. */
  threads?: number;
}

/** The two data-dependent terms of one sample's squared error ‖S‖² − 2⟨Z, A⟩ + ⟨ZᵀZ, K⟩, summed in float64. */
export interface LossTerms {
  /** ⟨Z, A⟩ */
  cross: number;
  /** ⟨ZᵀZ, K⟩ */
  quadratic: number;
}

type Shape = GraphSizes & { variant: EmbeddingVariant };

/**
 * The graphs of an embedding on one engine, with the memory they write to: nothing large is allocated per step. A step is
 * `begin`, `accumulate` per sample, `finish`; the order of the samples decides the last bits, nothing else does.
 */
export class EmbeddingComputation {
  private readonly latent: LatentModel;
  private readonly sessions = new Map<string, Promise<EngineSession>>();
  private readonly kernel: Tensor;
  private readonly gradient: Tensor;
  private readonly gramSum: Float64Array;

  constructor(
    private readonly place: ComputationPlace,
    private readonly shape: Shape,
  ) {
    const { fbns: m, voxels: N, variant } = shape;
    this.latent = latentModel(variant);
    this.kernel = float32([m, m]);
    this.gradient = float32([2 * m, N]);
    this.gramSum = new Float64Array(m * m);
  }

  /** Prepares K for the weights given and forgets what was accumulated. @param theta Θ, not to be changed before `finish` */
  async begin(theta: Float32Array): Promise<void> {
    await this.prepareKernel(theta);
    (this.gradient.data as Float32Array).fill(0);
    this.gramSum.fill(0);
  }

  /**
   * Adds one sample's gradient.
   * @param factor c = 2 / Σ_b T_b N over the samples of the batch
   */
  async accumulate(theta: Float32Array, sample: LoadedSample, factor: number): Promise<LossTerms> {
    const session = await this.session(`step-${sample.source.dataType}`, () =>
      buildSampleStep(this.latent, sample.source.dataType, this.shape),
    );
    const outputs = await session.run(
      {
        sample: sampleTensor(sample),
        theta: this.thetaTensor(theta),
        kernel: this.kernel,
        factor: { type: 'float32', dims: [], data: Float32Array.of(factor) },
        gradientSoFar: this.gradient,
      },
      { gradient: this.gradient, reconstruction: null, target: null, gram: null },
    );
    const gram = outputs.gram!.data as Float32Array;
    for (let i = 0; i < gram.length; i++) this.gramSum[i]! += factor * gram[i]!;
    return this.lossTerms(outputs);
  }

  /** ∂ℓ/∂Θ of the samples accumulated, [2m, voxels]; valid until the next `begin`. */
  async finish(theta: Float32Array): Promise<Float32Array> {
    const { fbns: m, voxels: N } = this.shape;
    const session = await this.session('gram-correction', () => buildGramCorrection(this.shape));
    const gradient = this.gradient.data as Float32Array;
    const ofDecoder: Tensor = { type: 'float32', dims: [m, N], data: gradient.subarray(m * N) };
    await session.run(
      {
        gram: { type: 'float32', dims: [m, m], data: Float32Array.from(this.gramSum) },
        decoder: this.decoderTensor(theta),
        gradientSoFar: ofDecoder,
      },
      { gradient: ofDecoder },
    );
    return gradient;
  }

  /** Prepares K alone, before `evaluate`. */
  async prepareKernel(theta: Float32Array): Promise<void> {
    const session = await this.session('kernel', () => buildKernel(this.shape));
    await session.run({ decoder: this.decoderTensor(theta) }, { kernel: this.kernel });
  }

  /** The loss terms of a sample without its gradient; K must have been prepared for these weights. */
  async evaluate(theta: Float32Array, sample: LoadedSample): Promise<LossTerms> {
    const { dataType } = sample.source;
    const session = await this.session(`evaluation-${dataType}`, () => buildEvaluation(this.latent, dataType, this.shape));
    return this.lossTerms(await session.run({ sample: sampleTensor(sample), theta: this.thetaTensor(theta) }));
  }

  /** Lᵀ of a sample, [fbns, time], beside its loss terms; K must have been prepared for these weights. */
  async encode(theta: Float32Array, sample: LoadedSample): Promise<LossTerms & { activations: Float32Array }> {
    const { dataType } = sample.source;
    const session = await this.session(`encoder-${dataType}`, () => buildEncoder(this.latent, dataType, this.shape));
    const outputs = await session.run({ sample: sampleTensor(sample), theta: this.thetaTensor(theta) });
    return { ...this.lossTerms(outputs), activations: outputs.activations!.data as Float32Array };
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
    this.sessions.clear();
  }

  private session(name: string, build: () => Uint8Array): Promise<EngineSession> {
    let session = this.sessions.get(name);
    if (!session) {
      const { engine, device, threads } = this.place;
      // The sessions of a step and Adam in JavaScript take turns: threads that spin would slow the next by a fifth.
      session = engine.createSession(build(), { device, idleThreads: 'sleep', ...(threads !== undefined && { threads }) });
      this.sessions.set(name, session);
    }
    return session;
  }

  private lossTerms({ reconstruction, target, gram }: Record<string, Tensor>): LossTerms {
    return {
      cross: dot(reconstruction!.data as Float32Array, target!.data as Float32Array),
      quadratic: dot(gram!.data as Float32Array, this.kernel.data as Float32Array),
    };
  }

  private thetaTensor(theta: Float32Array): Tensor {
    return { type: 'float32', dims: [2 * this.shape.fbns, this.shape.voxels], data: theta };
  }

  private decoderTensor(theta: Float32Array): Tensor {
    const { fbns: m, voxels: N } = this.shape;
    return { type: 'float32', dims: [m, N], data: theta.subarray(m * N) };
  }
}

function float32(dims: readonly number[]): Tensor {
  return { type: 'float32', dims, data: new Float32Array(dims.reduce((product, size) => product * size, 1)) };
}

function sampleTensor({ source, values }: LoadedSample): Tensor {
  return { type: source.dataType, dims: [source.time, source.voxels], data: values };
}

/** ⟨a, b⟩ summed in float64. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
