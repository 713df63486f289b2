import type { Random } from './random';

/** Shares of the noise's variance; together 1. */
export const NOISE_SHARES = { white: 0.65, smooth: 0.3, drift: 0.05 } as const;
/** Correlation of a voxel's noise with itself one volume before (white and smooth part). */
export const NOISE_AUTOCORRELATION = 0.4;
/** Distance of the lattices on which spatially smooth noise and drift are drawn, in mm. */
const SMOOTH_SPACING = 12;
const DRIFT_SPACING = 36;
/** Cosines over the run that a drift is made of. */
const DRIFT_WAVES = 3;

/**
 * The noise of one run, volume by volume, of variance 1 in every voxel: autocorrelated noise of each voxel, autocorrelated noise
 * that neighbours share, and slow drift that whole regions share.
 */
export class RunNoise {
  private readonly white: Float32Array;
  private readonly smooth: LatticeNoise;
  private readonly drifts: { values: Float32Array; phase: number }[];
  private volume = 0;

  /**
   * @param places centres of the voxels in mm, [voxels × 3]
   * @param volumes in the run
   */
  constructor(
    private readonly random: Random,
    places: Float32Array,
    private readonly volumes: number,
  ) {
    const voxels = places.length / 3;
    this.white = Float32Array.from({ length: voxels }, () => random.normal());
    this.smooth = new LatticeNoise(places, SMOOTH_SPACING);
    this.smooth.draw(random, 0);
    const slow = new LatticeNoise(places, DRIFT_SPACING);
    this.drifts = Array.from({ length: DRIFT_WAVES }, () => {
      slow.draw(random, 0);
      return { values: slow.addTo(new Float32Array(voxels), 1), phase: random.between(0, 2 * Math.PI) };
    });
  }

  /** Writes the noise of the next volume, one value per voxel. */
  next(into: Float32Array): void {
    const { white, random } = this;
    const fresh = Math.sqrt(1 - NOISE_AUTOCORRELATION ** 2);
    const factor = Math.sqrt(NOISE_SHARES.white);
    for (let n = 0; n < white.length; n++) {
      white[n] = NOISE_AUTOCORRELATION * white[n]! + fresh * random.normal();
      into[n] = factor * white[n]!;
    }
    this.smooth.draw(random, NOISE_AUTOCORRELATION);
    this.smooth.addTo(into, Math.sqrt(NOISE_SHARES.smooth));
    this.drifts.forEach(({ values, phase }, wave) => {
      const position = Math.PI * (wave + 1) * (this.volume / this.volumes) + phase;
      // A cosine has variance 1/2.
      const weight = Math.sqrt((2 * NOISE_SHARES.drift) / DRIFT_WAVES) * Math.cos(position);
      for (let n = 0; n < values.length; n++) into[n]! += weight * values[n]!;
    });
    this.volume++;
  }
}

/** Noise drawn on a lattice and interpolated between its points, scaled to variance 1 in every voxel. */
class LatticeNoise {
  private readonly points: Float32Array;
  /** Lattice points around each voxel, and their weights: [voxels × 8]. */
  private readonly corners: Int32Array;
  private readonly weights: Float32Array;

  constructor(places: Float32Array, spacing: number) {
    const extent = [0, 1, 2].map((axis) => {
      let [low, high] = [Infinity, -Infinity];
      for (let n = axis; n < places.length; n += 3) [low, high] = [Math.min(low, places[n]!), Math.max(high, places[n]!)];
      return { low, points: Math.floor((high - low) / spacing) + 2 };
    });
    this.points = new Float32Array(extent.reduce((product, { points }) => product * points, 1));
    const voxels = places.length / 3;
    this.corners = new Int32Array(voxels * 8);
    this.weights = new Float32Array(voxels * 8);
    for (let n = 0; n < voxels; n++) {
      const position = extent.map(({ low }, axis) => (places[3 * n + axis]! - low) / spacing);
      let square = 0;
      for (let corner = 0; corner < 8; corner++) {
        let [index, weight, stride] = [0, 1, 1];
        for (let axis = 0; axis < 3; axis++) {
          const whole = Math.floor(position[axis]!);
          const part = position[axis]! - whole;
          const upper = (corner >> axis) & 1;
          index += stride * (whole + upper);
          weight *= upper ? part : 1 - part;
          stride *= extent[axis]!.points;
        }
        this.corners[n * 8 + corner] = index;
        this.weights[n * 8 + corner] = weight;
        square += weight * weight;
      }
      for (let corner = 0; corner < 8; corner++) this.weights[n * 8 + corner]! /= Math.sqrt(square);
    }
  }

  /** Draws the next values; a share of the last ones stays. */
  draw(random: Random, autocorrelation: number): void {
    const fresh = Math.sqrt(1 - autocorrelation ** 2);
    for (let i = 0; i < this.points.length; i++) this.points[i] = autocorrelation * this.points[i]! + fresh * random.normal();
  }

  /** Adds the values at the voxels, times a factor; returns `into`. */
  addTo(into: Float32Array, factor: number): Float32Array {
    const { points, corners, weights } = this;
    for (let n = 0, c = 0; n < into.length; n++) {
      let value = 0;
      for (let end = c + 8; c < end; c++) value += weights[c]! * points[corners[c]!]!;
      into[n]! += factor * value;
    }
    return into;
  }
}
