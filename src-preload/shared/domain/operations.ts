/** A size known when a graph is built, or the name of one known only when it runs ("time"). */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** The operations that latent graphs are made of, and what each takes beside its inputs. Every engine computes and differentiates all of them. */
export interface OperationOptions {
  /** a + b; b may lack leading dimensions of a. */
  add: undefined;
  /** a ∘ b; b may lack leading dimensions of a, or have size 1 in the last. */
  multiply: undefined;
  /** a times a number. */
  scale: { by: number };
  /** a b, either transposed on request. */
  product: { transA?: boolean; transB?: boolean };
  /** [h, i, k] × [h, k, j] → [h, i, j]. */
  stackedProduct: undefined;
  /** x [rows, n], weight [k, n], bias [k] → x weightᵀ + bias. */
  linear: undefined;
  transpose: { perm: readonly number[] };
  reshape: { shape: Shape };
  /** Columns start … start+size−1 of a matrix. */
  columns: { start: number; size: number };
  /** Along the last dimension. */
  softmax: undefined;
  /** x, gain, bias: normalisation over the last dimension (Ba et al. 2016; biased variance, as PyTorch). */
  layerNorm: { epsilon: number };
  /**
   * Projected input x W_ihᵀ + b_ih + b_hh [rows, 4m] and W_hh [4m, m] → the hidden states [rows, m] of an LSTM layer; gates in
   * PyTorch's order i, f, g, o. Row t·batch + b is time t of series b.
   */
  lstm: { batch: number };
}

export type OperationName = keyof OperationOptions;

/** The options of an operation as the last argument: none where it takes none. */
export type OptionsOf<Name extends OperationName> = OperationOptions[Name] extends undefined ? [] : [OperationOptions[Name]];

/** What operations are applied to: a node of a graph to come, or a tensor. */
export interface Shaped {
  readonly shape: Shape;
}

/** Applies operations, and remembers them for differentiation. */
export interface Recorder<Value extends Shaped> {
  /** @throws RangeError where the shapes of the inputs do not fit */
  apply<Name extends OperationName>(name: Name, inputs: readonly Value[], ...options: OptionsOf<Name>): Value;
}
