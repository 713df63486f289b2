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

/** One runtime behind one interface (onnxruntime; later tfjs). */
export interface Engine {
  readonly name: 'onnxruntime' | 'tfjs';
  readonly version: string;
  /** @param model the bytes of an ONNX file (ModelProto) without external data */
  createSession(model: Uint8Array, options?: { device?: Device; threads?: number }): Promise<EngineSession>;
}
