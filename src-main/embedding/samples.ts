import { UserError } from '../../src-preload/shared/domain/errors';

/** Memory for one sample: bits of float16 or values of float32. */
export type SampleValues = Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

/** One sample S_b [time × voxels]: a run of one subject, z-scored per voxel, wherever it is kept. */
export interface SampleSource {
  /** How people know it: "sub-01 run 2". Unique within a training set. */
  readonly name: string;
  readonly time: number;
  readonly voxels: number;
  readonly dataType: 'float16' | 'float32';
  /** ‖S_b‖² over all voxels in float64 where it is known beforehand; else it is computed at the first reading. */
  readonly sumOfSquares?: number;
  /** False where another reading would give other values, or none is to come: then it is not kept in memory. */
  readonly keepable?: boolean;
  /**
   * Fills memory of whole rows of `dataType`, row-major, from the first row (time point) asked for on; as a rule all of them. It is
   * called while another sample is being computed, which blocks this thread: what is read by one asynchronous call issued at once
   * is read meanwhile.
   */
  load(into: SampleValues, firstRow?: number): Promise<void>;
}

/** A sample in memory: as its source stores it, or in float32. */
export interface LoadedSample {
  readonly source: SampleSource;
  readonly values: SampleValues;
}

/** Samples that are computed together: there already, or coming one by one. */
export type SampleGroup = Iterable<LoadedSample> | AsyncIterable<LoadedSample>;

/** What the values of a sample are in memory. */
export function valueType({ values }: Pick<LoadedSample, 'values'>): SampleSource['dataType'] {
  return values instanceof Float32Array ? 'float32' : 'float16';
}

/** Copies float16 values [time, voxels] into float32, exactly. */
export type Widen = (values: Uint16Array<ArrayBuffer>, time: number, voxels: number) => Promise<Float32Array<ArrayBuffer>>;

/** The values of a sample in float32: the same memory, or a converted copy. */
export function sampleAsFloat32({ values }: LoadedSample): Float32Array {
  return values instanceof Float32Array
    ? values
    : Float32Array.from(new Float16Array(values.buffer, values.byteOffset, values.length));
}

/** Samples that hold the values given, for tests and small problems. */
export function samplesInMemory(name: string, time: number, voxels: number, values: SampleValues): SampleSource {
  if (values.length !== time * voxels) throw new RangeError(`${values.length} values, not ${time} × ${voxels}`);
  return {
    name,
    time,
    voxels,
    dataType: values instanceof Float32Array ? 'float32' : 'float16',
    load: async (into, firstRow = 0) => into.set(values.subarray(firstRow * voxels, firstRow * voxels + into.length)),
  };
}

/**
 * Reads samples ahead of the one in use, into memory that is used again and again. Samples that fit within the memory limit
 * are kept for the following epochs; the others are read each time, through as many buffers as are in use and being read at once.
 */
export class SampleReader {
  private readonly kept = new Map<SampleSource, SampleValues>();
  private keptBytes = 0;
  private readonly buffers: (ArrayBuffer | undefined)[];
  private turn = 0;

  /**
   * @param keepBytes memory for samples kept from epoch to epoch, beside the buffers
   * @param inUse samples that are used together
   * @param widen to keep float16 samples in float32 by, which spares every use a conversion; where left out they are kept as they are
   * @param ahead samples that are read while others are in use
   */
  constructor(
    private readonly keepBytes: number,
    inUse = 1,
    private readonly widen?: Widen | undefined,
    private readonly ahead = 1,
  ) {
    this.buffers = Array.from({ length: inUse + ahead });
  }

  /**
   * The samples in the order given, each valid until as many more are asked for as are in use together. The reading of the next ones
   * has begun before a sample is handed out.
   */
  async *inOrder(sources: readonly SampleSource[]): AsyncGenerator<LoadedSample> {
    const pending: Promise<LoadedSample>[] = [];
    let next = 0;
    const readOn = () => {
      for (; pending.length < this.ahead && next < sources.length; next++) {
        const sample = this.load(sources[next]!);
        // A failure is thrown when its sample is asked for; until then it must not count as unhandled.
        sample.catch(() => {});
        pending.push(sample);
      }
    };
    try {
      readOn();
      while (pending.length > 0) {
        const current = await pending.shift()!;
        readOn();
        yield current;
      }
    } finally {
      // Whoever stops early must not find a read still filling memory that is used next.
      await Promise.allSettled(pending);
    }
  }

  private async load(source: SampleSource): Promise<LoadedSample> {
    const kept = this.kept.get(source);
    if (kept) return { source, values: kept };
    const bytes = source.time * source.voxels * (source.dataType === 'float16' ? 2 : 4);
    const widen = source.dataType === 'float16' ? this.widen : undefined;
    const keptBytes = widen ? 2 * bytes : bytes;
    const keep = source.keepable !== false && this.keptBytes + keptBytes <= this.keepBytes;
    if (keep) this.keptBytes += keptBytes;
    let values = asValues(keep && !widen ? new ArrayBuffer(bytes) : this.nextBuffer(bytes), source);
    await source.load(values);
    if (keep && widen && values instanceof Uint16Array) values = await widen(values, source.time, source.voxels);
    if (keep) this.kept.set(source, values);
    return { source, values };
  }

  private nextBuffer(bytes: number): ArrayBuffer {
    const slot = this.turn;
    this.turn = (slot + 1) % this.buffers.length;
    const buffer = this.buffers[slot];
    if (buffer && buffer.byteLength >= bytes) return buffer;
    return (this.buffers[slot] = new ArrayBuffer(bytes));
  }
}

function asValues(buffer: ArrayBuffer, { time, voxels, dataType }: SampleSource): SampleValues {
  return dataType === 'float16' ? new Uint16Array(buffer, 0, time * voxels) : new Float32Array(buffer, 0, time * voxels);
}

/**
 * ‖S_b‖² over the voxels that take part, summed in float64; remembered per source, so computed once.
 * @throws UserError naming the sample where it is not finite or all zero
 */
export class SumsOfSquares {
  private readonly sums = new WeakMap<SampleSource, number>();

  /** @param excludedVoxels columns that take no part, ascending */
  constructor(private readonly excludedVoxels: Uint32Array) {}

  of({ source, values }: LoadedSample): number {
    let sum = this.sums.get(source);
    if (sum === undefined) {
      const numbers = values instanceof Float32Array ? values : new Float16Array(values.buffer, values.byteOffset, values.length);
      sum = (source.sumOfSquares ?? sumSquares(numbers)) - this.sumExcluded(numbers, source);
      if (!Number.isFinite(sum) || sum <= 0)
        throw unusableSample(source.name, Number.isFinite(sum) ? 'nothing but zeros' : `${sum}`);
      this.sums.set(source, sum);
    }
    return sum;
  }

  /** The sum of a sample that was asked for before. */
  known(source: SampleSource): number {
    return this.sums.get(source)!;
  }

  private sumExcluded(values: Float16Array | Float32Array, { time, voxels }: SampleSource): number {
    let sum = 0;
    for (let row = 0; row < time; row++) for (const voxel of this.excludedVoxels) sum += values[row * voxels + voxel]! ** 2;
    return sum;
  }
}

function sumSquares(values: Float16Array | Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

function unusableSample(name: string, found: string): UserError {
  return new UserError({
    code: 'too-little-data',
    what: 'a run cannot be used for the embedding',
    file: name,
    expected: 'finite values with variance',
    found,
    remedy: 'leave the run out or import it again',
  });
}
