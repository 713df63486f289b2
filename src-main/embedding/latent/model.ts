import type { Recorder, Shaped } from '../../../src-preload/shared/domain/operations';

/** A weight of a latent graph. */
export interface LatentParameter {
  /** PyTorch's name, with `enc.` or `dec.` before it. */
  name: string;
  shape: readonly number[];
  /** How it is drawn at first: uniform in ± a bound, or one value throughout (as PyTorch does). */
  initial: { bound: number } | { value: number };
}

/** What a latent graph gives: values [rows, fbns]. */
export interface LatentValues<Value> {
  /** L = F_enc(H), the FBN activations. */
  activations: Value;
  /** Z = F_dec(L), from which the sample is reconstructed. */
  reconstruction: Value;
}

/** The part of an embedding between its two large products: H → L → Z. */
export interface LatentModel {
  readonly parameters: readonly LatentParameter[];
  /**
   * Whether a step takes many series at once, which lie one time step after the other (row t·batch + b is time t of series b);
   * else it takes one by one.
   */
  readonly batched: boolean;
  /** Whether `build` wants the positional encoding [rows, fbns]. */
  readonly positions: boolean;
  /**
   * Adds the forward pass.
   * @param h H = S W, [rows, fbns]
   * @param parameters one value per parameter, in their order
   */
  build<Value extends Shaped>(
    tape: Recorder<Value>,
    h: Value,
    parameters: readonly Value[],
    batch: number,
    positions: Value | undefined,
  ): LatentValues<Value>;
}

/** Number of values in all parameters. */
export function parameterCount({ parameters }: Pick<LatentModel, 'parameters'>): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Each parameter's part of a vector that holds all of them, one after the other; views, not copies. */
export function splitParameters({ parameters }: Pick<LatentModel, 'parameters'>, all: Float32Array): Float32Array[] {
  let offset = 0;
  return parameters.map(({ shape }) => all.subarray(offset, (offset += sizeOf(shape))));
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
