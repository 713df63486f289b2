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

/** One runtime behind one interface (onnxruntime; later tfjs). */
export interface Engine {
  readonly name: 'onnxruntime' | 'tfjs';
  readonly version: string;
  /** @param model the bytes of an ONNX file (ModelProto) without external data */
  createSession(model: Uint8Array, options?: SessionOptions): Promise<EngineSession>;
}
