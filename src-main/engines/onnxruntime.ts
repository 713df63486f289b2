import * as ort from 'onnxruntime-node';
import type { Device, Engine, EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import { keepFloat32Exact } from './exact-float32';

/** The onnxruntime engine: CPU and WebGPU inside the package, CUDA where its provider was added. */
export const onnxruntimeEngine: Engine = {
  name: 'onnxruntime',
  version: ort.env.versions.node ?? ort.env.versions.common,

  async createSession(model, { device = 'cpu', threads, idleThreads = 'spin' } = {}) {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: executionProviders(device),
      graphOptimizationLevel: 'all',
      // Level 4 = fatal only: errors are thrown as well, and warnings would drown the progress line.
      logSeverityLevel: 4,
      extra: {
        session: {
          // Attention that has become sharp is full of numbers below 1e-38, with which some processors take a hundred times as long.
          set_denormal_as_zero: '1',
          ...(idleThreads === 'sleep' && { intra_op: { allow_spinning: '0' } }),
        },
      },
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    });
    return wrapSession(session);
  },
};

function executionProviders(device: Device): ort.InferenceSession.ExecutionProviderConfig[] {
  if (device === 'cuda') keepFloat32Exact();
  return device === 'cpu' ? ['cpu'] : [device, 'cpu'];
}

function wrapSession(session: ort.InferenceSession): EngineSession {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run(feeds, fetches) {
      const inputs = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const outputs = fetches
        ? await session.run(
            inputs,
            Object.fromEntries(Object.entries(fetches).map(([name, tensor]) => [name, tensor ? toOrt(tensor) : null])),
          )
        : await session.run(inputs);
      return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, fromOrt(value as ort.Tensor)]));
    },
    release: () => session.release(),
  };
}

function toOrt({ type, data, dims }: Tensor): ort.Tensor {
  return new ort.Tensor(type, (type === 'float16' ? asFloat16(data as Uint16Array) : data) as Float32Array, dims);
}

/**
 * A view on the same bits that onnxruntime-common takes for a Float16Array and leaves alone. A plain Uint16Array it would wrap
 * in a real Float16Array, which the native binding of onnxruntime-node 1.30 cannot read: it finds a length of 0.
 */
function asFloat16({ buffer, byteOffset, length }: Uint16Array): Uint16Array {
  return Object.setPrototypeOf(new Uint16Array(buffer, byteOffset, length), Float16Array.prototype) as Uint16Array;
}

function fromOrt(tensor: ort.Tensor): Tensor {
  return { type: tensor.type as Tensor['type'], dims: tensor.dims, data: tensor.data as Float32Array };
}
