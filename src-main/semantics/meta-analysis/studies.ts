import type { StudiesSummary } from '../../../src-preload/shared/contract/semantics-tasks';
import { talairachToMni } from './talairach';

/** The coordinates of a meta-analytic database: what studies reported, in MNI space. */
export interface Studies {
  /** In the order of the rows of its features. */
  ids: string[];
  /** MNI mm, [peaks, 3], study after study. */
  peaks: Float32Array;
  /** First peak of each study, and the number of all at the end: [studies + 1]. */
  starts: Int32Array;
  summary: StudiesSummary;
}

export type Space = 'mni' | 'talairach' | 'unknown';

/** What a database calls a space. */
export function parseSpace(name: string): Space {
  const text = name.trim().toLowerCase();
  if (/^(mni|icbm)/.test(text) || text.includes('mni152')) return 'mni';
  return /^tal/.test(text) ? 'talairach' : 'unknown';
}

/** Gathers studies and their peaks, in any order, into `Studies`. */
export class StudiesBuilder {
  private readonly places = new Map<string, number>();
  private readonly spaces: Space[] = [];
  private readonly spaceCounts: Record<string, number> = {};
  private readonly peaks: number[] = [];
  private readonly studyOfPeak: number[] = [];
  private readonly counts = { transformedPeaks: 0, unknownPeaks: 0, unreadablePeaks: 0 };

  constructor(private readonly unknownSpace: 'mni' | 'skip') {}

  /** @returns whether the study is new */
  addStudy(id: string, space: string): boolean {
    if (this.places.has(id)) return false;
    this.places.set(id, this.places.size);
    this.spaces.push(parseSpace(space));
    const name = space.trim() || 'UNKNOWN';
    this.spaceCounts[name] = (this.spaceCounts[name] ?? 0) + 1;
    return true;
  }

  addPeak(id: string, x: number, y: number, z: number): void {
    const study = this.places.get(id);
    if (study === undefined || !Number.isFinite(x + y + z)) {
      this.counts.unreadablePeaks++;
      return;
    }
    const space = this.spaces[study]!;
    if (space === 'unknown') {
      this.counts.unknownPeaks++;
      if (this.unknownSpace === 'skip') return;
    }
    if (space === 'talairach') this.counts.transformedPeaks++;
    const [a, b, c] = space === 'talairach' ? talairachToMni(x, y, z) : [x, y, z];
    this.peaks.push(a, b, c);
    this.studyOfPeak.push(study);
  }

  build(): Studies {
    const studies = this.places.size;
    const starts = new Int32Array(studies + 1);
    for (const study of this.studyOfPeak) starts[study + 1]!++;
    for (let study = 0; study < studies; study++) starts[study + 1]! += starts[study]!;
    const next = starts.slice();
    const peaks = new Float32Array(this.peaks.length);
    for (const [peak, study] of this.studyOfPeak.entries()) {
      const to = next[study]!++ * 3;
      for (let axis = 0; axis < 3; axis++) peaks[to + axis] = this.peaks[peak * 3 + axis]!;
    }
    const summary = {
      ...{ studies, peaks: this.studyOfPeak.length, spaces: this.spaceCounts, ...this.counts },
      unknownTakenAsMni: this.unknownSpace === 'mni',
    };
    return { ids: [...this.places.keys()], peaks, starts, summary };
  }
}
