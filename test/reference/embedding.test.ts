import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { tfjsEngine } from '../../src-main/engines/tfjs';
import type { TensorEngine } from '../../src-preload/shared/domain/engine';
import { swiftShaderEnvironment } from '../swiftshader';
import { AGAIN, computeAnswers, expectedAnswers, reference, type Answers } from './embedding-problem';

/** An engine on a device: what it answers, or in words why it is not here. */
interface Place {
  name: string;
  /** How many times the tolerance of float32 on the CPU. */
  tolerance: number;
  answers(variant: string): Promise<Answers | string>;
  /** Those of the variant AGAIN, computed a second time. */
  again(): Promise<Answers | string>;
}

const swiftShader = swiftShaderEnvironment();

const places: Place[] = [
  {
    ...{ name: 'onnxruntime on the CPU', tolerance: 1 },
    answers: (variant) => computeAnswers({ engine: onnxruntimeEngine, device: 'cpu' }, variant),
    again: () => computeAnswers({ engine: onnxruntimeEngine, device: 'cpu' }, AGAIN),
  },
  ...['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'].map(tfjsOn),
  inChild(
    'onnxruntime on WebGPU in software (SwiftShader)',
    'webgpu',
    swiftShader ?? 'no Chromium that brings SwiftShader',
    true,
  ),
  inChild('onnxruntime on WebGPU', 'webgpu', {}, false),
  inChild('onnxruntime on CUDA', 'cuda', {}, false),
];

/** A backend of tfjs; the native ones where they are installed. */
function tfjsOn(provider: string): Place {
  const engine: TensorEngine = { ...tfjsEngine, open: (device) => tfjsEngine.open(device, provider) };
  const isAlwaysHere = provider === 'wasm' || provider === 'cpu';
  const answers = async (variant: string) => {
    if (!isAlwaysHere) {
      const reason = await engine.open('cpu').then(
        () => undefined,
        (caught: unknown) => String(caught),
      );
      if (reason !== undefined) return reason;
    }
    return computeAnswers({ engine, device: 'cpu' }, variant);
  };
  return { name: `tfjs, ${provider}`, tolerance: 10, answers, again: () => answers(AGAIN) };
}

/**
 * A device of onnxruntime in a child process.
 * @param environment or why there is none
 * @param mustOpen whether a device that cannot be opened is an error, and not just not here
 */
function inChild(name: string, device: string, environment: Record<string, string> | string, mustOpen: boolean): Place {
  type Both = { answers: Record<string, Answers>; again: Answers };
  let started: Promise<Both | string> | undefined;
  const start = async (): Promise<Both | string> => {
    if (typeof environment === 'string') return environment;
    const viteNode = join(dirname(createRequire(import.meta.url).resolve('vite-node/package.json')), 'dist/cli.mjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [viteNode, join(import.meta.dirname, 'embedding-child.ts'), device],
      { env: { ...process.env, ...environment }, maxBuffer: 2 ** 28 },
    ).catch((caught: Error & { signal: string | null }) => {
      if (mustOpen || caught.signal === null) throw caught;
      return { stdout: JSON.stringify({ failure: `the driver ended its process (${caught.signal})` }) };
    });
    const found = JSON.parse(stdout) as Both | { failure: string };
    if (!('failure' in found)) return found;
    if (mustOpen) throw new Error(found.failure);
    return found.failure.split('was false. ').at(-1)!;
  };
  return {
    ...{ name, tolerance: 10 },
    async answers(variant) {
      const both = await (started ??= start());
      return typeof both === 'string' ? both : both.answers[variant]!;
    },
    async again() {
      const both = await (started ??= start());
      return typeof both === 'string' ? both : both.again;
    },
  };
}

const ran = new Set<string>();
const notRun = new Map<string, string>();
afterAll(() => {
  console.log(`embedding.json was computed by: ${[...ran].join('; ')}`);
  for (const [name, reason] of notRun) console.log(`not run: ${name}: ${reason}`);
});

describe.each(places)('$name', ({ name, tolerance, answers, again }) => {
  test('the same numbers to the last bit a second time', { timeout: 240_000 }, async ({ skip }) => {
    const [first, second] = [await answers(AGAIN), await again()];
    if (typeof first === 'string') return skip(first);
    expect(second).toEqual(first);
  });

  describe.each(Object.keys(reference.variants))('variant %s', (variant) => {
    const expected = expectedAnswers(variant);
    let pending: Promise<Answers | string> | undefined;
    const found = async ({ skip }: TestContext): Promise<Answers> => {
      const result = await (pending ??= answers(variant));
      if (typeof result === 'string') {
        notRun.set(name, result);
        return skip(result);
      }
      ran.add(name);
      return result;
    };

    test('loss and every gradient', { timeout: 240_000 }, async (context) => {
      const { loss, gradients } = await found(context);
      expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-6 * tolerance);
      expect(Object.keys(gradients).sort()).toEqual(Object.keys(expected.gradients).sort());
      for (const [parameter, wanted] of Object.entries(expected.gradients)) {
        expect(gradients[parameter], parameter).toHaveLength(wanted.length);
        const largest = Math.max(...wanted.map(Math.abs));
        expect(largestDifference(gradients[parameter]!, wanted), parameter).toBeLessThan(1e-5 * largest * tolerance);
      }
    });

    test('FBN activations L', async (context) => {
      const { activations } = await found(context);
      expect(activations).toHaveLength(expected.activations.length);
      for (const [b, wanted] of expected.activations.entries()) {
        expect(activations[b]).toHaveLength(wanted.length);
        expect(largestDifference(activations[b]!, wanted)).toBeLessThan(5e-6 * tolerance);
      }
    });

    test('the losses of Adam steps on the full batch', async (context) => {
      const { adamLosses } = await found(context);
      expect(adamLosses).toHaveLength(expected.adamLosses.length);
      expect(largestDifference(adamLosses, expected.adamLosses)).toBeLessThan(1e-4 * tolerance);
    });
  });
});

/** NaN where anything is not a number, which no bound lets pass. */
function largestDifference(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!)));
}
