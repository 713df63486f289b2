import type { ExtractTask } from '../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { describeModel } from '../cnn/describe-model';
import { Extraction } from '../cnn/extraction';
import type { Layer } from '../cnn/find-layers';
import type { LoadedModel } from '../cnn/read-model';
import { selectLayers } from '../cnn/select-layers';
import { onnxruntimeEngine } from '../engines/onnxruntime';
import { toPreprocessing } from './preprocessing';

/** What a session is loaded for. */
interface Wanted {
  layers: readonly string[];
  width: number;
  height: number;
}

/** One loaded CNN for all movie runs, loaded anew only where other layers or another size of frames are wanted. */
export class SharedSession {
  private open: { of: string; extraction: Extraction } | undefined;

  constructor(
    private readonly task: Pick<ExtractTask, 'reducers' | 'device' | 'batchSize' | 'threads' | 'preprocessing'>,
    readonly model: LoadedModel,
  ) {}

  async for({ layers, width, height }: Wanted, context: WorkContext): Promise<Extraction> {
    const of = JSON.stringify([layers, width, height]);
    if (this.open?.of === of) return this.open.extraction;
    await this.release();
    const { reducers, device, batchSize, threads, preprocessing } = this.task;
    const settings = {
      ...{ engine: onnxruntimeEngine, model: this.model, layers: this.chosen(layers), reducers, device },
      preprocessing: toPreprocessing(preprocessing),
      ...(batchSize !== null && { batchSize }),
      ...(threads !== null && { threads }),
    };
    const extraction = await Extraction.open(settings, { width, height }, context);
    this.open = { of, extraction };
    return extraction;
  }

  async release(): Promise<void> {
    await this.open?.extraction.release();
    this.open = undefined;
  }

  private chosen(names: readonly string[]): Layer[] {
    return selectLayers(describeModel(this.model), names);
  }
}
