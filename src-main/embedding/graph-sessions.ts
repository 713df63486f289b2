import type { Device, Engine, EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import type { EmbeddingWeights } from './computation';
import * as graphs from './graphs';
import { valueType, type LoadedSample } from './samples';
import { ofSamples, sampleTensor, tensor, thetaTensor } from './tensors';

export interface GraphPlace {
  engine: Engine;
  device: Device;
  threads?: number;
}

/** The sessions of an embedding's graphs, each built when it is first asked for. */
export class GraphSessions {
  private readonly sessions = new Map<string, Promise<EngineSession>>();

  constructor(private readonly place: GraphPlace) {}

  get(name: string, build: () => Uint8Array, device = this.place.device): Promise<EngineSession> {
    let session = this.sessions.get(name);
    if (!session) {
      const { engine, threads } = this.place;
      // The sessions of a step and Adam in JavaScript take turns: threads that spin would slow the next by a fifth.
      session = engine.createSession(build(), { device, idleThreads: 'sleep', ...(threads !== undefined && { threads }) });
      this.sessions.set(name, session);
    }
    return session;
  }

  async release(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
    this.sessions.clear();
  }
}

/** The two large products alone, of samples whose latent part is computed elsewhere. */
export class LargeProducts {
  constructor(
    private readonly sessions: GraphSessions,
    private readonly sizes: graphs.GraphSizes,
  ) {}

  /** [H | A] of each sample, [time, 2m]. */
  async first(weights: EmbeddingWeights, samples: readonly LoadedSample[]): Promise<Float32Array[]> {
    const type = valueType(samples[0]!);
    const session = await this.sessions.get(`first-${type}-${samples.length}`, () =>
      graphs.buildFirstProducts(type, this.sizes, samples.length),
    );
    const feeds = { theta: thetaTensor(weights.theta, this.sizes), ...ofSamples('sample', samples.map(sampleTensor)) };
    const outputs = await session.run(feeds);
    return samples.map((_, i) => outputs[graphs.ofSample('products', i)]!.data as Float32Array);
  }

  /**
   * Adds leftᵀ S of each sample to the gradient.
   * @param lefts [time, 2m] of each sample
   * @param gradient [2m, voxels]
   */
  async second(samples: readonly LoadedSample[], lefts: readonly Float32Array[], gradient: Tensor): Promise<void> {
    const type = valueType(samples[0]!);
    const session = await this.sessions.get(`second-${type}-${samples.length}`, () =>
      graphs.buildSecondProducts(type, this.sizes, samples.length),
    );
    const left = lefts.map((values, i) => tensor([samples[i]!.source.time, 2 * this.sizes.fbns], values));
    await session.run(
      { gradientSoFar: gradient, ...ofSamples('sample', samples.map(sampleTensor)), ...ofSamples('left', left) },
      { gradient },
    );
  }
}
