import type { Engine, EngineSession } from '../../../src-preload/shared/domain/engine';
import type { Matrix } from '../../../src-preload/shared/domain/matrix';
import { buildActivationProduct } from '../graphs';
import { sampleAsFloat32, type LoadedSample } from '../samples';
import { unitSeries } from './unit-series';

/**
 * For every FBN the Pearson r of its activation with every voxel, averaged over runs. A map that follows from the activation alone:
 * LT+LSTM and LT+MSA mix FBNs on the way from H = S W to the activations, so column i of W need not be about activation i.
 */
export class ActivationMaps {
  private session: Promise<EngineSession> | undefined;
  private readonly sums: Float64Array;
  private runs = 0;

  constructor(
    private readonly engine: Engine,
    private readonly fbns: number,
    private readonly voxels: number,
  ) {
    this.sums = new Float64Array(fbns * voxels);
  }

  /** @param activations L of the run, [fbns, time]; a constant one has r 0 everywhere */
  async add(sample: LoadedSample, activations: Matrix): Promise<void> {
    this.session ??= this.engine.createSession(buildActivationProduct());
    const { time } = sample.source;
    const session = await this.session;
    const { product } = await session.run({
      left: { type: 'float32', dims: [this.fbns, time], data: Float32Array.from(unitSeries(activations)) },
      sample: { type: 'float32', dims: [time, this.voxels], data: sampleAsFloat32(sample) },
    });
    // Voxels are z-scored: their series have length √T.
    const scale = 1 / Math.sqrt(time);
    const values = product!.data as Float32Array;
    for (let i = 0; i < values.length; i++) this.sums[i]! += values[i]! * scale;
    this.runs++;
  }

  /** @returns [fbns, voxels] */
  means(): Matrix {
    return { rows: this.fbns, columns: this.voxels, data: Float32Array.from(this.sums, (sum) => sum / this.runs) };
  }

  async release(): Promise<void> {
    await (await this.session)?.release();
  }
}
