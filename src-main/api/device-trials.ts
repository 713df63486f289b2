import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, hostname, release } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { deviceSchema } from '../../src-preload/shared/contract/job-inputs';
import { writeContentAtomically } from '../files/atomic-write';
import { cacheKey } from '../files/hash';
import { stateFolder } from './state-folder';

const outcomeSchema = z.object({ device: deviceSchema, provider: z.string(), why: z.string() });
const fileSchema = z.record(z.string(), outcomeSchema);
const MOST_KEPT = 200;

/** What trials have found on this machine. */
export type TrialRecord = z.infer<typeof outcomeSchema>;

/** Where the packages and native parts of an engine lie, by its name. */
const packages = {
  onnxruntime: ['onnxruntime-node'],
  tfjs: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
} as const;

/**
 * The key of a trial: what was tried, on this machine with its drivers and engines. New drivers, another version or native parts
 * that were added make another key.
 */
export function trialKey(engine: keyof typeof packages, tried: unknown): string {
  const { VK_ICD_FILENAMES, VK_DRIVER_FILES, CUDA_VISIBLE_DEVICES } = process.env;
  return cacheKey({
    tried,
    machine: [hostname(), cpus()[0]?.model, cpus().length, arch(), release()],
    drivers: [
      ...['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d'].map((folder) => (existsSync(folder) ? readdirSync(folder).sort() : [])),
      ...[VK_ICD_FILENAMES ?? null, VK_DRIVER_FILES ?? null, CUDA_VISIBLE_DEVICES ?? null],
      existsSync('/proc/driver/nvidia/version') ? readFileSync('/proc/driver/nvidia/version', 'utf8') : null,
    ],
    engine: packages[engine].map(describePackage),
  });
}

/** Version and native parts of a package; null where it is not installed. */
function describePackage(name: string): unknown {
  const require = createRequire(import.meta.url);
  try {
    const file = require.resolve(`${name}/package.json`);
    const native = ['bin/napi-v6', 'lib/napi-v8', 'deps/lib'].map((part) => join(dirname(file), part));
    const parts = native.filter(existsSync).flatMap((folder) => readdirSync(folder, { recursive: true }).map(String).sort());
    return { version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version, parts };
  } catch {
    return null;
  }
}

function trialsFile(): string {
  return join(stateFolder(), 'device-trials.json');
}

/** What was found before; undefined where nothing was, or it cannot be read. */
export function readTrial(key: string): TrialRecord | undefined {
  return readAll()[key];
}

/** What the last trial on this machine found; undefined where none was made. */
export function latestTrial(): TrialRecord | undefined {
  return Object.values(readAll()).at(-1);
}

/** Keeps what was found. A folder that cannot be written only means that it is tried again. */
export async function storeTrial(key: string, record: TrialRecord): Promise<void> {
  const kept = Object.entries(readAll()).filter(([other]) => other !== key);
  await write(Object.fromEntries([...kept.slice(1 - MOST_KEPT), [key, record]]));
}

/** Forgets all that was found: a device that was chosen by it does not work any more. */
export function forgetTrials(): Promise<void> {
  return write({});
}

async function write(records: Record<string, TrialRecord>): Promise<void> {
  try {
    mkdirSync(stateFolder(), { recursive: true });
    await writeContentAtomically(trialsFile(), JSON.stringify(records));
  } catch {
    // Nothing is lost but a few seconds.
  }
}

function readAll(): Record<string, TrialRecord> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(trialsFile(), 'utf8')));
  } catch {
    return {};
  }
}
