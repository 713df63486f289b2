import type { Engine, EngineSession } from '../../src-preload/shared/domain/engine';
import { frameBytes } from '../../src-preload/shared/domain/frames';
import { UserError } from '../../src-preload/shared/domain/errors';
import { valueInfo } from '../onnx/graph-builder';
import { ElementType, encodeModel } from '../onnx/model';
import { describeModel } from './describe-model';
import { extractPart, GraphEditor } from './edit-graph';
import type { Layer } from './find-layers';
import { resizeFrame } from './frame-feed';
import { prependPreprocessing, type Preprocessing } from './preprocessing';
import type { LoadedModel } from './read-model';

/** A filter's feature map of one frame, [height, width]. */
export interface FeatureMapValues {
  height: number;
  width: number;
  data: Float32Array;
}

/** A CNN that gives out single feature maps of one layer, one frame at a time: to look at, not to extract. */
export class MapSession {
  private constructor(
    private readonly session: EngineSession,
    private readonly size: { width: number; height: number },
    private readonly batch: number,
    private readonly layer: Layer,
  ) {}

  /** @param frame size of the frames that will come @throws UserError where the layer has no maps, such as of tokens */
  static async open(
    engine: Engine,
    model: LoadedModel,
    layer: Layer,
    preprocessing: Preprocessing,
    frame: { width: number; height: number },
  ): Promise<MapSession> {
    if (layer.rank !== 4)
      throw new UserError({ code: 'model-unsuitable', what: `the layer ${layer.name} has no feature maps to look at` });
    const { input } = describeModel(model);
    const size = { width: input.width ?? frame.width, height: input.height ?? frame.height };
    const graph: GraphEditor['graph'] = { name: 'map', ...extractPart(model.model.graph, [layer.tensor]), input: [], output: [] };
    const editor = new GraphEditor(graph);
    const tensor = layer.tensor;
    prependPreprocessing(editor, input, preprocessing, { batch: input.batch, ...size });
    const one = editor.node('Gather', [tensor, FILTER], { axis: layer.channelAxis });
    const map = editor.node('Cast', [one], { to: ElementType.float }, { output: 'syncact.map' });
    graph.input.push(valueInfo(FILTER, 'int64', [1]));
    graph.output = [valueInfo(map, 'float', ['frames', 'a', 'b', 'c'])];
    const bytes = encodeModel({ ...model.model, irVersion: Math.max(4, model.model.irVersion), graph });
    return new MapSession(await engine.createSession(bytes, { idleThreads: 'sleep' }), size, input.batch ?? 1, layer);
  }

  /** @param pixels RGB uint8 [y, x, 3] of a frame of this size */
  async run(pixels: Uint8Array, frame: { width: number; height: number }, filter: number): Promise<FeatureMapValues> {
    const { size, batch, layer } = this;
    const isSized = frame.width === size.width && frame.height === size.height;
    const sized = isSized ? pixels : await resizeFrame(pixels, frame, size);
    const data = new Uint8Array(batch * frameBytes(size));
    data.set(sized);
    const outputs = await this.session.run({
      'syncact.frames': { type: 'uint8', dims: [batch, size.height, size.width, 3], data },
      [FILTER]: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(filter)) },
    });
    const { dims, data: values } = outputs['syncact.map']!;
    const [height, width] = dims.filter((_, axis) => axis !== 0 && axis !== layer.channelAxis) as [number, number];
    return { height, width, data: (values as Float32Array).slice(0, height * width) };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

const FILTER = 'syncact.filter';
