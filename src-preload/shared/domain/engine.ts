import type { Recorder } from './operations';

/** A tensor as engines take and give it; data is row-major. */
export interface Tensor {
  type: 'float32' | 'float16' | 'int64' | 'uint8';
  dims: readonly number[];
  data: Float32Array | Uint16Array | BigInt64Array | Uint8Array;
}

/** Where an engine computes. `auto` is resolved before a session is made; never switched silently. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** A loaded graph. `run` blocks the JavaScript thread of its process on the CPU device: call it from a compute process only. */
export interface EngineSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once.
   * @param feeds every graph input by name
   * @param fetches the outputs wanted; a tensor as value is a preallocated output that is written in place
   */
  run(feeds: Record<string, Tensor>, fetches?: Record<string, Tensor | null>): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  device?: Device;
  /** CPU threads; the engine's own choice where left out. */
  threads?: number;
  /**
   * What the session's threads do between runs: `spin` (default) begins the next run soonest, but takes the cores from other
   * sessions and from JavaScript for a while; `sleep` suits sessions that take turns.
   */
  idleThreads?: 'spin' | 'sleep';
}

/** A runtime that takes whole graphs. */
export interface Engine {
  readonly name: 'onnxruntime';
  readonly version: string;
  /** @param model the bytes of an ONNX file (ModelProto) without external data */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<EngineSession>;
}

/** Values that an engine holds until they are let go. */
export interface HeldTensor {
  readonly shape: readonly number[];
}

/** A runtime that computes operation by operation as it is told to, and differentiates by itself. */
export interface TensorEngine {
  readonly name: 'tfjs';
  readonly version: string;
  /**
   * Opens what it computes with on a device; one at a time per process.
   * @param provider a certain one; else the first of those for the device that is there
   * @throws UserError where nothing of it can be used
   */
  open(device: Device, provider?: string): Promise<TensorBackend>;
}

/** What a tensor engine computes with. All values are float32, row-major. It works when it is called, on the calling thread. */
export interface TensorBackend extends Recorder<HeldTensor> {
  /** The name of it: "wasm", "cpu", "tfjs-node", "tfjs-node-gpu". */
  readonly provider: string;
  /** Threads that it is limited to; null: its own choice. */
  readonly threads: number | null;
  hold(shape: readonly number[], data: Float32Array): HeldTensor;
  /** A copy of the values, row-major. */
  read(tensor: HeldTensor): Promise<Float32Array>;
  letGo(...tensors: readonly HeldTensor[]): void;
  /** Lets everything go that was made in `work`, but for the tensors it returns. */
  within(work: () => HeldTensor[]): HeldTensor[];
  /** Two matrices with the same rows, the columns of the second after those of the first. */
  beside(a: HeldTensor, b: HeldTensor): HeldTensor;
  /** The sum of all products of two tensors of the same shape: a scalar. */
  inner(a: HeldTensor, b: HeldTensor): HeldTensor;
  /**
   * The gradients of a scalar, by reverse-mode differentiation of what `objective` applies.
   * @param objective gives the scalar, and other values on the way that are wanted
   * @returns one gradient per input, and the values wanted, which stay until they are let go
   */
  differentiate(
    inputs: readonly HeldTensor[],
    objective: (inputs: HeldTensor[]) => { scalar: HeldTensor; wanted: HeldTensor[] },
  ): { gradients: HeldTensor[]; wanted: HeldTensor[] };
}
