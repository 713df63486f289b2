import { NO_SAMPLE, NO_VOXEL, STEPS_PER_DEVIATION, type PageData } from '../../src-preload/shared/contract/report-page';

/** What a page holds, decoded as far as it was asked for. */
export class ReportData {
  readonly page: PageData;
  /** Grid indices of the mask's voxels. */
  readonly voxels: Int32Array;
  private readonly background: Uint8Array;
  private readonly series = new Map<string, Int16Array>();

  constructor() {
    this.page = JSON.parse(textOf('data')) as PageData;
    const bits = decode('mask');
    this.voxels = new Int32Array(this.page.voxels);
    for (let voxel = 0, place = 0; place < this.voxels.length; voxel++)
      if ((bits[voxel >> 3]! >> (voxel & 7)) & 1) this.voxels[place++] = voxel;
    this.background = decode('background');
  }

  /** Brightness of a voxel of the mask, in [0, 255]. */
  grey(place: number): number {
    return this.background[place] ?? 0;
  }

  /** The map of an FBN [voxels]; NaN where a voxel took no part. */
  map(fbn: number): Float32Array {
    const { step } = this.page.fbns[fbn]!;
    const steps = new Int8Array(decode(`map-${fbn}`).buffer);
    return Float32Array.from(steps, (value) => (value === NO_VOXEL ? NaN : value * step));
  }

  /** z-scores of a run, of an FBN or of its best filter: NaN where there is none. */
  activation(side: 'fbns' | 'filters', run: number, fbn: number): Float32Array {
    const name = `${side}-${run}`;
    let all = this.series.get(name);
    if (!all) this.series.set(name, (all = new Int16Array(decode(name).buffer)));
    const { timePoints } = this.page.runs[run]!;
    const steps = all.subarray(fbn * timePoints, (fbn + 1) * timePoints);
    return Float32Array.from(steps, (value) => (value === NO_SAMPLE ? NaN : value / STEPS_PER_DEVIATION));
  }
}

/** The bytes of a block of base64, in a buffer of their own. */
function decode(id: string): Uint8Array<ArrayBuffer> {
  const text = atob(textOf(id));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function textOf(id: string): string {
  return document.getElementById(id)!.textContent ?? '';
}
