import type { TrainTask } from '../../src-preload/shared/contract/compute-tasks';
import type { ComputationPlace } from '../embedding/computation';

type Place = Pick<TrainTask, 'engine' | 'device' | 'threads'>;

/** The engine that a task names, loaded only then. */
export async function placeOf({ engine, device, threads }: Place): Promise<ComputationPlace> {
  return {
    engine:
      engine === 'tfjs'
        ? (await import('../engines/tfjs')).tfjsEngine
        : (await import('../engines/onnxruntime')).onnxruntimeEngine,
    device,
    ...(threads !== null && { threads }),
  };
}
