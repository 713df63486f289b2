import type { Device, Engine, EngineSession } from '../../src-preload/shared/domain/engine';
import { UserError } from '../../src-preload/shared/domain/errors';
import { frameBytes } from '../../src-preload/shared/domain/frames';
import { valueInfo } from '../onnx/graph-builder';
import { ElementType, encodeModel } from '../onnx/model';
import { describeModel } from './describe-model';
import { extractPart, GraphEditor } from './edit-graph';
import type { Layer } from './find-layers';
import { freeBatch } from './free-batch';
import { prependPreprocessing, type Preprocessing } from './preprocessing';
import type { LoadedModel } from './read-model';

/** All feature maps of one layer for a few pictures, [pictures, filters, y, x]. */
export interface LayerMapBatch {
  filters: number;
  height: number;
  width: number;
  data: Float32Array;
}

export interface LayerMapOptions {
  engine: Engine;
  model: LoadedModel;
  layer: Layer;
  preprocessing: Preprocessing;
  /** Size of pictures where the CNN takes any. */
  size: { width: number; height: number };
  device?: Device;
  threads?: number;
}

/** A CNN that gives out the whole feature maps of one layer, for dissection: tens of kilobytes a picture, not one number a filter. */
export class LayerMaps {
  private constructor(
    private readonly session: EngineSession,
    /** Size at which pictures enter. */
    readonly size: { width: number; height: number },
    private readonly isChannelLast: boolean,
    private readonly file: string,
  ) {}

  /** @throws UserError where the layer has no maps, such as one of tokens */
  static async open({ engine, model, layer, preprocessing, size: wanted, device, threads }: LayerMapOptions): Promise<LayerMaps> {
    const { input } = describeModel(model);
    if (layer.rank !== 4 || (layer.channelAxis !== 1 && layer.channelAxis !== 3))
      throw new UserError({
        code: 'model-unsuitable',
        what: `the layer ${layer.name} has no feature maps`,
        file: model.path,
        remedy: 'choose a convolution',
      });
    const size = { width: input.width ?? wanted.width, height: input.height ?? wanted.height };
    const graph: GraphEditor['graph'] = {
      name: 'maps',
      ...extractPart(model.model.graph, [layer.tensor]),
      input: [],
      output: [],
    };
    const editor = new GraphEditor(graph);
    if (input.batch !== null) freeBatch(editor, input.batch);
    prependPreprocessing(editor, input, preprocessing, { batch: null, ...size });
    const maps = editor.node('Cast', [layer.tensor], { to: ElementType.float }, { output: 'syncact.maps' });
    graph.output = [valueInfo(maps, 'float', ['pictures', 'a', 'b', 'c'])];
    const bytes = encodeModel({ ...model.model, irVersion: Math.max(4, model.model.irVersion), graph });
    // Pictures are decoded meanwhile: threads that spin would take the cores from that.
    const place = { ...(device && { device }), ...(threads !== undefined && { threads }) };
    const session = await engine.createSession(bytes, { ...place, idleThreads: 'sleep' });
    return new LayerMaps(session, size, layer.channelAxis === 3, model.path);
  }

  /** @param pixels RGB uint8 [pictures, y, x, 3] at `size` */
  async run(pixels: Uint8Array, count: number): Promise<LayerMapBatch> {
    const { width, height } = this.size;
    if (pixels.byteLength !== count * frameBytes(this.size))
      throw new RangeError(`${pixels.byteLength} bytes for ${count} pictures`);
    const name = this.session.inputNames[0]!;
    const input = { type: 'uint8', dims: [count, height, width, 3], data: pixels } as const;
    const outputs = await this.session.run({ [name]: input }).catch((caught: unknown) => {
      const found = caught instanceof Error ? caught.message : String(caught);
      throw new UserError({
        code: 'model-unsuitable',
        what: 'the CNN cannot be run on such pictures',
        file: this.file,
        found: `${width} × ${height}: ${found}`,
      });
    });
    const { dims, data } = outputs['syncact.maps']!;
    if (!this.isChannelLast) return { filters: dims[1]!, height: dims[2]!, width: dims[3]!, data: data as Float32Array };
    return channelsFirst(data as Float32Array, count, dims[1]!, dims[2]!, dims[3]!);
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

function channelsFirst(data: Float32Array, count: number, height: number, width: number, filters: number): LayerMapBatch {
  const turned = new Float32Array(data.length);
  const cells = height * width;
  for (let picture = 0; picture < count; picture++) {
    for (let cell = 0; cell < cells; cell++) {
      for (let filter = 0; filter < filters; filter++)
        turned[(picture * filters + filter) * cells + cell] = data[(picture * cells + cell) * filters + filter]!;
    }
  }
  return { filters, height, width, data: turned };
}
