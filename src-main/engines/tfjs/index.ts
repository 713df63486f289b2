import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import type { Device, TensorBackend, TensorEngine } from '../../../src-preload/shared/domain/engine';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { keepFloat32Exact } from '../exact-float32';
import { tensorBackend } from './backend';
import { registerGradients } from './gradients';
import { restoreLegacyUtil } from './legacy-util';

/** A backend of tfjs: opened, or undefined with the reason given where it is not here. */
interface Provider {
  /** As it is recorded. */
  name: string;
  devices: readonly Device[];
  open(device: Device): Promise<TensorBackend>;
}

/** In the order in which they are tried. */
const providers: readonly Provider[] = [
  { name: 'tfjs-node-gpu', devices: ['cuda', 'cpu'], open: (device) => openNative('@tensorflow/tfjs-node-gpu', device) },
  { name: 'tfjs-node', devices: ['cpu'], open: (device) => openNative('@tensorflow/tfjs-node', device) },
  {
    name: 'wasm',
    devices: ['cpu'],
    async open() {
      await import('@tensorflow/tfjs-backend-wasm');
      return use('wasm', 'wasm', 1);
    },
  },
  {
    name: 'cpu',
    devices: ['cpu'],
    async open() {
      await import('@tensorflow/tfjs-backend-cpu');
      return use('cpu', 'cpu', 1);
    },
  },
];

/** TensorFlow.js: its native backends where they are installed, else WebAssembly, else plain JavaScript. */
export const tfjsEngine: TensorEngine = {
  name: 'tfjs',
  version: tf.version_core,

  async open(device, wanted) {
    // Its checks and its advertisement on standard error are for development.
    tf.enableProdMode();
    await registerGradients();
    const reasons: string[] = [];
    for (const provider of providers) {
      if (!provider.devices.includes(device) || (wanted !== undefined && wanted !== provider.name)) continue;
      try {
        return await provider.open(device);
      } catch (caught) {
        reasons.push(`${provider.name}: ${reasonOf(caught)}`);
      }
    }
    throw cannotOpen(device, reasons);
  },
};

/** The backends that tfjs can use on a device, in the order in which they are tried. */
export function providersOn(device: Device): string[] {
  return providers.filter(({ devices }) => devices.includes(device)).map(({ name }) => name);
}

/** Makes a backend that has been registered the one in use. */
async function use(backend: string, provider: string, threads: number | null): Promise<TensorBackend> {
  if (!(await tf.setBackend(backend))) throw new Error('it does not start');
  await tf.ready();
  return tensorBackend(provider, threads);
}

/** tfjs-node registers the backend "tensorflow" when it is loaded, and chooses the GPU then where it finds one. */
async function openNative(name: string, device: Device): Promise<TensorBackend> {
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  else keepFloat32Exact();
  restoreLegacyUtil();
  createRequire(import.meta.url)(name);
  const backend = await use('tensorflow', name.replace('@tensorflow/', ''), null);
  const usesGpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice ?? false;
  if (usesGpu !== (device === 'cuda')) throw new Error(usesGpu ? 'it uses the GPU' : 'it finds no GPU');
  return backend;
}

function cannotOpen(device: Device, reasons: readonly string[]): UserError {
  if (device === 'webgpu')
    return new UserError({
      code: 'device-unavailable',
      what: 'the engine tfjs has no device "webgpu"',
      expected: '--device cpu or cuda',
      remedy: 'use --engine onnxruntime for WebGPU',
    });
  return new UserError({
    code: 'device-unavailable',
    what: `the engine tfjs cannot compute on the device ${device}`,
    found: reasons.join('; '),
    remedy: device === 'cuda' ? 'enable it with `npm run enable:tfjs-gpu`, or use --device cpu' : 'use --engine onnxruntime',
  });
}

/** Why a backend does not open; the native ones name long paths where they are just not installed. */
function reasonOf(caught: unknown): string {
  const message = caught instanceof Error ? caught.message : String(caught);
  if (/tfjs_binding\.node\) can not be found/.test(message)) return 'its native library is not installed';
  if (/^Cannot find module '@tensorflow/.test(message)) return 'not installed';
  return message.split('\n')[0]!.trim();
}
