import { expect, test } from 'vitest';
import type { EmbeddingView } from '../../../src-preload/shared/contract/views';
import { describeComputation, describeDevice } from '../../../src-renderer/features/embedding/columns';

const of = (provenance: Record<string, unknown>) => ({ provenance }) as unknown as EmbeddingView;

test('where an embedding was computed is said in full, and in short in the table', () => {
  const engine = { engine: 'tfjs', engineVersion: '4.22.0', provider: 'wasm', threads: 1, seed: 7 };
  const auto = of({
    ...engine,
    device: { requested: 'auto', actual: 'cpu' },
    deviceReason: 'the only device here (cuda: no GPU)',
  });
  expect(describeComputation(auto)).toBe(
    'Computed by tfjs 4.22.0 on cpu, wasm, 1 thread, seed 7. The device was chosen: the only device here (cuda: no GPU).',
  );
  expect(describeDevice(auto)).toBe('cpu (wasm), tfjs');
  const asked = of({ engine: 'onnxruntime', provider: 'webgpu', seed: 0, device: { requested: 'webgpu', actual: 'webgpu' } });
  expect(describeComputation(asked)).toBe('Computed by onnxruntime on webgpu, seed 0.');
  expect(describeComputation(of({ origin: 'MELODIC' }))).toBeUndefined();
});
