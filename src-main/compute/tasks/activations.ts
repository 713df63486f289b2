import type { ActivationsTask } from '../../../src-preload/shared/contract/compute-tasks';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { tapName, type Reducer } from '../../cnn/add-taps';
import { describeModel } from '../../cnn/describe-model';
import { Extraction, reportFrames } from '../../cnn/extraction';
import { loadModel, type AnyModel } from '../../cnn/load-model';
import { namedAsAsked, selectLayers } from '../../cnn/select-layers';
import { TrAverage } from '../../cnn/tr-average';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { checkArrayName, writeNpz } from '../../files/npz';
import { openFrameSeries, type FrameSeries } from '../../stimulus/frame-series';
import { toPreprocessing } from '../preprocessing';
import type { TaskHandler } from '../process';

/** The paper's frame size for HCP, for models that take any. */
const DEFAULT_SIZE = { width: 256, height: 180 };

/** Filter activations of an image, a folder of images or a video, as .npz with one array [frames × filters] per tap. */
export const activationsTask: TaskHandler<'activations'> = async (input, context) => {
  const model = await loadModel(input.model);
  const description = describeModel(model);
  const chosen = selectLayers(description, input.layers, input.beforeActivation ? 'before' : 'activated');
  const layers = namedAsAsked(chosen, input.layers);
  const reducers: readonly Reducer[] = input.reducers ?? ['max'];
  const names = layers.flatMap((layer) => reducers.map((reducer) => tapName(layer, reducer, reducers)));
  names.forEach((name) => checkArrayName(name));
  const { trSeconds } = input;
  const wanted = {
    width: input.width ?? description.input.width ?? DEFAULT_SIZE.width,
    height: input.height ?? description.input.height ?? DEFAULT_SIZE.height,
    ...(trSeconds !== undefined && { trSeconds, allFramesOfTr: input.frameRule === 'mean' }),
  };
  const frames = await openFrameSeries(input.frames, wanted, context);
  try {
    const { device, threads, batchSize } = input;
    const settings = {
      ...{ engine: onnxruntimeEngine, model, layers, reducers, preprocessing: preprocessingOf(input, model) },
      ...{ ...(device && { device }), ...(threads && { threads }), ...(batchSize && { batchSize }) },
    };
    const extraction = await Extraction.open(settings, frames, context);
    const report = reportFrames(context, model, frames.expected);
    const { rows, framesPerSecond } = await collect(extraction, frames, names, context, report).finally(() =>
      extraction.release(),
    );
    await writeNpz(input.output, joined(rows));
    const taps = [...rows].map(([layer, { filters }]) => ({ layer, filters }));
    return { frames: rows.get(names[0]!)!.count, taps, framesPerSecond };
  } finally {
    await frames.close();
  }
};

/** The rows of one tap, in pieces. */
interface Rows {
  parts: Float32Array[];
  count: number;
  filters: number;
}

/** Runs all frames, averaging those of a TR where the series gives all of each. */
async function collect(
  extraction: Extraction,
  frames: FrameSeries,
  names: readonly string[],
  context: WorkContext,
  report: (done: number) => void,
): Promise<{ rows: Map<string, Rows>; framesPerSecond: number | null }> {
  const rows = new Map<string, Rows>(names.map((name) => [name, { parts: [], count: 0, filters: 0 }]));
  const add = (activations: Record<string, Float32Array>, count: number) => {
    if (count === 0) return;
    for (const [name, data] of Object.entries(activations)) {
      const tap = rows.get(name)!;
      tap.parts.push(data);
      tap.count += count;
      tap.filters = data.length / count;
    }
  };
  let average: TrAverage | undefined;
  const summary = await extraction.run(
    frames,
    ({ activations, count, trs }) => {
      if (!trs) return add(activations, count);
      average ??= new TrAverage(0, Infinity);
      const done = average.add(activations, trs);
      add(done.activations, done.count);
    },
    context,
    report,
  );
  const last = average?.finish(frames.wholeTrs!());
  if (last) add(last.activations, last.count);
  return { rows, framesPerSecond: summary.framesPerSecond };
}

/** One array at a time, so that only one is held twice. */
function* joined(rows: ReadonlyMap<string, Rows>) {
  for (const [name, { parts, count, filters }] of rows) {
    const data = new Float32Array(count * filters);
    let offset = 0;
    for (const part of parts) {
      data.set(part, offset);
      offset += part.length;
    }
    yield [name, { shape: [count, filters], data }] as const;
  }
}

function preprocessingOf(input: ActivationsTask, model: AnyModel) {
  const { normalisation, channelOrder = 'RGB' } = input;
  // What the user says counts, then what a checkpoint's architecture is trained with.
  const own = normalisation === undefined ? model.preprocessing : undefined;
  const mean = input.mean ?? own?.mean;
  const deviation = input.deviation ?? own?.std;
  return toPreprocessing({
    ...{ normalisation: normalisation ?? 'imagenet', channelOrder },
    ...{ ...(mean && { mean: [...mean] }), ...(deviation && { deviation: [...deviation] }) },
  });
}
