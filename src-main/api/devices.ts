import type { TrainSettings } from '../../src-preload/shared/contract/compute-tasks';
import type { ParsedJobInput } from '../../src-preload/shared/contract/job-inputs';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { Device } from '../../src-preload/shared/domain/engine';
import type { JobContext } from '../jobs/queue';
import { readTrial, storeTrial, trialKey } from './device-trials';

type EngineName = ParsedJobInput<'train'>['engine'];

/** What is to be trained, and where it was asked to be. */
export interface PlaceRequest {
  engine: EngineName;
  device: Device | 'auto';
  threads: number | null;
  settings: TrainSettings;
  voxels: number;
  /** Time points of the longest run. */
  time: number;
}

/** Where it is trained. */
export interface ChosenPlace {
  engine: EngineName;
  device: Device;
  /** What of the engine computes. */
  provider: string;
  /** Why this device: "asked for", or what was found when there was a choice. */
  why: string;
}

/** A device with what of an engine computes on it. */
export type Computer = Pick<ChosenPlace, 'device' | 'provider'>;

/** All that an engine may compute with. */
export function computersOf(engine: EngineName): readonly Computer[] {
  const on = (device: Device, ...providers: string[]) => providers.map((provider) => ({ device, provider }));
  if (engine === 'onnxruntime') return [...on('cuda', 'cuda'), ...on('webgpu', 'webgpu'), ...on('cpu', 'cpu')];
  return [...on('cuda', 'tfjs-node-gpu'), ...on('cpu', 'tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu')];
}

/** Devices beside the CPU that an engine may have. */
const others: Record<EngineName, readonly Device[]> = { onnxruntime: ['cuda', 'webgpu'], tfjs: ['cuda'] };

/** Time for a device to start, and to take its trial steps; a driver that hangs or renders in software is ended then. */
const OPENING_MILLISECONDS = 20_000;
const TRIAL_MILLISECONDS = 8_000;

/** How much faster than the CPU another device must be to be taken: trials differ from one to the next by so much. */
const WORTHWHILE = 0.9;

/** What runs elsewhere than embeddings are trained has no trial: `auto` is the CPU, which is certain to be there. */
export function resolveDevice(choice: Device | 'auto'): Device {
  return choice === 'auto' ? 'cpu' : choice;
}

/**
 * Where a training runs. `auto` is the device that is fastest in a short trial of the real shapes; each is tried in a compute
 * process of its own, which may crash or hang without harm. What was found is kept for this machine.
 * @throws UserError where the device asked for cannot be used: it is never replaced by another
 */
export async function choosePlace(request: PlaceRequest, context: JobContext): Promise<ChosenPlace> {
  const { engine, device } = request;
  if (device === 'auto') return { engine, ...(await chooseDevice(request, context)) };
  const why = 'asked for';
  if (engine === 'onnxruntime' && device === 'cpu') return { engine, device, provider: 'cpu', why };
  try {
    const { provider } = await open(request, device, context);
    return { engine, device, provider, why };
  } catch (caught) {
    throw explainDeviceFailure(device, caught);
  }
}

async function chooseDevice(request: PlaceRequest, context: JobContext): Promise<Omit<ChosenPlace, 'engine'>> {
  const { engine, threads, settings, voxels, time } = request;
  const { variant, fbns, heads, residualNorm, positions } = settings;
  const shape = { variant, fbns, heads, residualNorm, positions, voxels, time, threads };
  const keys = [trialKey(engine, 'which devices there are'), trialKey(engine, shape)] as const;
  const known = readTrial(keys[0]) ?? readTrial(keys[1]);
  if (known) return known;
  const missing: string[] = [];
  const present: Device[] = [];
  for (const device of others[engine]) {
    try {
      await open(request, device, context);
      present.push(device);
    } catch (caught) {
      missing.push(`${device}: ${reasonOf(caught, context)}`);
    }
  }
  if (present.length > 0) {
    const found = await compare(request, present, missing, context);
    await storeTrial(keys[1], found);
    return found;
  }
  const { provider } = engine === 'onnxruntime' ? { provider: 'cpu' } : await open(request, 'cpu', context);
  const alone = { device: 'cpu' as const, provider, why: `the only device here (${missing.join('; ')})` };
  await storeTrial(keys[0], alone);
  return alone;
}

/** The fastest of the CPU and other devices that start. */
async function compare(request: PlaceRequest, present: readonly Device[], missing: readonly string[], context: JobContext) {
  const measured: { device: Device; provider: string; seconds: number }[] = [];
  const failed = [...missing];
  for (const device of ['cpu', ...present] as const) {
    try {
      const { provider, secondsPerSample } = await tryDevice(request, device, true, TRIAL_MILLISECONDS, context);
      measured.push({ device, provider, seconds: secondsPerSample! });
    } catch (caught) {
      failed.push(`${device}: ${reasonOf(caught, context)}`);
    }
  }
  const cpu = measured.find(({ device }) => device === 'cpu');
  const fastest = measured.toSorted((a, b) => a.seconds - b.seconds)[0] ?? { device: 'cpu' as const, provider: 'cpu' };
  const best = cpu && 'seconds' in fastest && fastest.seconds > WORTHWHILE * cpu.seconds ? cpu : fastest;
  const times = measured.map(({ device, seconds }) => `${device} ${(1000 * seconds).toPrecision(3)} ms per run`);
  const { device, provider } = best;
  return { device, provider, why: `fastest in a trial (${[...times, ...failed].join('; ')})` };
}

function open(request: PlaceRequest, device: Device, context: JobContext) {
  return tryDevice(request, device, false, OPENING_MILLISECONDS, context);
}

function tryDevice(request: PlaceRequest, device: Device, timed: boolean, limit: number, { runTask }: JobContext) {
  const { engine, threads, settings, voxels, time } = request;
  return runTask('try-device', { engine, device, threads, settings, voxels, time, timed }, { limitMilliseconds: limit });
}

/** Why a device was not tried to its end. @throws where the job itself was cancelled */
function reasonOf(caught: unknown, { signal }: JobContext): string {
  if (signal.aborted) throw caught;
  if (caught instanceof UserError) return caught.details.found ?? caught.details.what;
  return caught instanceof Error ? lastSentence(caught.message) : String(caught);
}

/** Turns the engine's failure to open a device into what the user can do about it. */
export function explainDeviceFailure(device: Device, caught: unknown): unknown {
  if (device === 'cpu' || caught instanceof UserError || !(caught instanceof Error)) return caught;
  if (!/webgpu|wgpu|dawn|adapter|cuda|provider|backend|compute process/i.test(caught.message)) return caught;
  const remedy = device === 'cuda' ? 'add it with `npm run enable:cuda`, or use --device cpu' : 'use --device cpu';
  return new UserError(
    { code: 'device-unavailable', what: `the device ${device} cannot be used here`, found: lastSentence(caught.message), remedy },
    { cause: caught },
  );
}

/** ONNX Runtime puts source lines and conditions before what it has to say. */
function lastSentence(message: string): string {
  if (/_Cuda: Failed to load shared library/.test(message)) return 'its provider is not installed';
  return message.trim().split('\n')[0]!.split('was false. ').at(-1)!.trim();
}
