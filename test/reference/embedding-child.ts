import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import type { Device } from '../../src-preload/shared/domain/engine';
import { AGAIN, computeAnswers, reference } from './embedding-problem';

/*
 * The problem of embedding.json on a device of onnxruntime, in a process of its own: a driver is chosen by the environment before
 * the process starts, and may bring it down. Prints JSON: the answers by variant and those of AGAIN a second time, or why the device
 * cannot be opened.
 */
const device = process.argv[2] as Device;
try {
  const answers: Record<string, unknown> = {};
  for (const variant of Object.keys(reference.variants))
    answers[variant] = await computeAnswers({ engine: onnxruntimeEngine, device }, variant);
  const again = await computeAnswers({ engine: onnxruntimeEngine, device }, AGAIN);
  process.stdout.write(JSON.stringify({ answers, again }), () => process.exit(0));
} catch (caught) {
  process.stdout.write(JSON.stringify({ failure: String(caught) }), () => process.exit(0));
}
