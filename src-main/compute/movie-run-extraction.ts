import { join } from 'node:path';
import type {
  ExtractedLayer,
  ExtractTask,
  MovieRunToExtract,
  ReducerName,
} from '../../src-preload/shared/contract/compute-tasks';
import { streamFrames } from '../../src-preload/shared/domain/frames';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import { tapName } from '../cnn/add-taps';
import { reportFrames, type ActivationBatch, type ExtractionSummary } from '../cnn/extraction';
import { TrAverage, type TrRows } from '../cnn/tr-average';
import { openFramesFile } from '../files/frames-file';
import type { PartialActivations } from '../project/partial-activations';
import { streamMovie } from './movie-frames';
import type { SharedSession } from './shared-session';

/** A layer with one reducer: what it is called among the outputs, and where it goes. */
interface Target {
  layer: string;
  reducer: ReducerName;
  key: string;
  filters: number;
  isThere: boolean;
  /** In the file of unfinished activations; undefined until the first batch tells the number of filters. */
  id: number | undefined;
}

/** The extraction of one movie run, or of a stretch of it. */
export class MovieRunExtraction {
  private readonly targets: Target[];
  private computed = 0;

  /** @param findWhole what the cache has of a key */
  constructor(
    private readonly task: ExtractTask,
    private readonly movieRun: MovieRunToExtract,
    private readonly partial: PartialActivations,
    findWhole: (key: string) => { filters: number } | undefined,
  ) {
    this.targets = movieRun.layers.flatMap(({ name, keys }) =>
      task.reducers.map((reducer) => {
        const key = keys[reducer]!;
        const whole = findWhole(key);
        return { layer: name, reducer, key, filters: whole?.filters ?? 0, isThere: whole !== undefined, id: undefined };
      }),
    );
  }

  /** Extracts what is missing; returns the speed in frames per second, null where nothing was. */
  async run(session: SharedSession, context: WorkContext): Promise<number | null> {
    const missing = this.missing();
    if (missing.length === 0) return null;
    for (const target of missing) {
      const begun = this.partial.find(target.key);
      if (begun) Object.assign(target, { id: begun.id, filters: begun.filters });
    }
    const { start, end } = this.movieRun;
    // Layers that were begun apart go on where the last of them has stopped: one pass over the movie.
    const from = Math.min(...missing.map(({ key }) => this.partial.nextFrame(key, start)));
    if (from >= end) return null;
    const { movieRun } = this.movieRun;
    const named = {
      ...context,
      progress: (progress: Parameters<WorkContext['progress']>[0]) =>
        context.progress({ ...progress, stage: `${progress.stage} (${movieRun})` }),
    };
    const summary = await (this.task.frameRule === 'last'
      ? this.lastFrames(session, from, named)
      : this.allFrames(session, from, named));
    this.computed = end - from;
    return summary.framesPerSecond;
  }

  /** Keys that are in the file of unfinished activations, and whole. */
  unfinishedKeys(): string[] {
    return this.missing().map(({ key }) => key);
  }

  describe(): ExtractedLayer[] {
    return this.targets.map(({ layer, reducer, filters, isThere }) => ({
      ...{ movieRun: this.movieRun.movieRun, layer, reducer, filters, frames: this.movieRun.frames },
      computedFrames: isThere ? 0 : this.computed,
    }));
  }

  private missing(): Target[] {
    return this.targets.filter(({ isThere }) => !isThere);
  }

  private layers(): string[] {
    return [...new Set(this.missing().map(({ layer }) => layer))];
  }

  private async lastFrames(session: SharedSession, from: number, context: WorkContext): Promise<ExtractionSummary> {
    const { file, start, end } = this.movieRun;
    const frames = await openFramesFile(join(this.task.project, file));
    try {
      const stream = streamFrames(frames, from, end);
      const extraction = await session.for({ layers: this.layers(), ...stream }, context);
      const store = ({ startFrame, count, activations }: ActivationBatch) =>
        this.store({ start: from + startFrame, count, activations });
      return await extraction.run(stream, store, context, reportFrames(context, session.model, end - start, from - start));
    } finally {
      await frames.close();
    }
  }

  private async allFrames(session: SharedSession, from: number, context: WorkContext): Promise<ExtractionSummary> {
    const { movie, start, end } = this.movieRun;
    const stream = await streamMovie(movie, from, end, context.signal);
    try {
      const extraction = await session.for({ layers: this.layers(), ...stream }, context);
      const average = new TrAverage(from, end);
      const report = reportFrames(context, session.model, end - start, from - start);
      const summary = await extraction.run(
        stream,
        ({ activations, trs }) => {
          const rows = average.add(activations, trs!);
          this.store(rows);
          report(rows.start + rows.count - from);
        },
        context,
      );
      this.store(average.finish());
      return summary;
    } finally {
      await stream.close();
    }
  }

  private store({ start, count, activations }: TrRows): void {
    if (count === 0) return;
    const { movieRun, frames } = this.movieRun;
    const parts = this.missing().map((target) => {
      const { layer, reducer, key } = target;
      const data = activations[tapName({ name: layer }, reducer, this.task.reducers)]!;
      target.filters = data.length / count;
      const part = { key, model: this.task.name, layer, movieRun, reducer, filters: target.filters, frames };
      target.id ??= this.partial.begin(part);
      return { id: target.id, data };
    });
    this.partial.append(start, count, parts);
  }
}
