import { UserError } from '../../src-preload/shared/domain/errors';

/**
 * Timestamps this close below the start of a TR count as on it: containers round them, and 3 × 1.3 s is
 * 3.9000000000000004 s in floating point.
 */
export const TIME_TOLERANCE_SECONDS = 1e-6;

/** Which stretch of the movie belongs to which TR: TR i is [offset + i·TR, offset + (i+1)·TR), in seconds. */
export interface TrRule {
  trSeconds: number;
  offsetSeconds: number;
}

/** One frame per TR. */
export interface FrameChoice {
  /** Index of the frame chosen for each TR, into the times given. */
  frames: number[];
  /** TRs in which no frame falls; the last frame before their end stands for them. */
  emptyTrs: number;
}

/** The TR a timestamp falls in; negative before TR 0. */
export function trOfTime(timeSeconds: number, { trSeconds, offsetSeconds }: TrRule): number {
  return Math.floor((timeSeconds - offsetSeconds + TIME_TOLERANCE_SECONDS) / trSeconds);
}

/**
 * The frame of each TR: the last one whose timestamp falls in it; where none does, the last one before the TR's end.
 * @param times in seconds from the first frame, at least one; of equal ones the later counts as last
 * @param durationSeconds where the movie ends, i.e. where its last frame stops being shown
 * @param trCount TRs wanted; as many whole TRs as the movie holds where left out
 * @throws UserError when a TR lies before the first frame or starts after the end
 * @see Sync-ACT, section 2: the last frame of each TR
 */
export function chooseFrames(times: readonly number[], durationSeconds: number, rule: TrRule, trCount?: number): FrameChoice {
  const available = trOfTime(durationSeconds, rule);
  const count = trCount ?? available;
  checkCount(count, durationSeconds, rule, trCount !== undefined);
  const lastOfTr = new Map<number, number>();
  let before = -1;
  times.forEach((time, index) => {
    const tr = trOfTime(time, rule);
    if (tr < 0) {
      if (before < 0 || time >= times[before]!) before = index;
    } else {
      const last = lastOfTr.get(tr);
      if (last === undefined || time >= times[last]!) lastOfTr.set(tr, index);
    }
  });
  const choice: FrameChoice = { frames: [], emptyTrs: 0 };
  for (let tr = 0; tr < count; tr++) {
    const own = lastOfTr.get(tr);
    if (own === undefined) choice.emptyTrs++;
    const frame = own ?? choice.frames[tr - 1] ?? before;
    if (frame < 0) throw beforeFirstFrame(tr, rule);
    choice.frames.push(frame);
  }
  return choice;
}

function checkCount(count: number, durationSeconds: number, rule: TrRule, wanted: boolean): void {
  const { trSeconds, offsetSeconds } = rule;
  const movie = `a movie of ${seconds(durationSeconds)} from ${seconds(offsetSeconds)} on`;
  if (count < 1) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the movie holds no whole TR',
      expected: `at least ${seconds(trSeconds)}`,
      found: movie,
      remedy: 'check --tr and --offset',
    });
  }
  // The last TR wanted may be cut by the end of the movie, but must start before it.
  if (wanted && offsetSeconds + (count - 1) * trSeconds + TIME_TOLERANCE_SECONDS >= durationSeconds) {
    throw new UserError({
      code: 'does-not-fit',
      what: 'the movie is shorter than the TRs wanted',
      expected: `${count} TRs of ${seconds(trSeconds)} = ${seconds(count * trSeconds)}`,
      found: `${movie}, ${Math.max(0, trOfTime(durationSeconds, rule))} whole TRs`,
      remedy: 'ask for fewer TRs, or check --tr and --offset',
    });
  }
}

function beforeFirstFrame(tr: number, { trSeconds, offsetSeconds }: TrRule): UserError {
  const end = offsetSeconds + (tr + 1) * trSeconds;
  return new UserError({
    code: 'does-not-fit',
    what: `TR ${tr} ends before the first frame of the movie`,
    expected: 'an offset at which the first TR holds a frame (0 s is the first frame)',
    found: `an offset of ${seconds(offsetSeconds)}, so that TR ${tr} ends at ${seconds(end)}`,
    remedy: 'pass the movie time at which the first volume starts as offset; leave out volumes from before the movie',
  });
}

function seconds(value: number): string {
  return `${Number(value.toFixed(3))} s`;
}

/** Mean rate, duration and regularity of a video's frames. */
export interface FrameTiming {
  /** From the first frame to where the last stops being shown, which is taken to last as long as the one before it. */
  durationSeconds: number;
  /** Mean over the video; 0 for a single frame. */
  framesPerSecond: number;
  variableFrameRate: boolean;
}

/**
 * @param times in seconds from the first frame, in the order shown
 * @param declaredFramesPerSecond used for the duration of a single frame only
 */
export function describeTiming(times: readonly number[], declaredFramesPerSecond?: number): FrameTiming {
  const last = times.at(-1) ?? 0;
  const intervals = times.slice(1).map((time, i) => time - times[i]!);
  if (intervals.length === 0) {
    const durationSeconds = declaredFramesPerSecond ? 1 / declaredFramesPerSecond : 0;
    return { durationSeconds, framesPerSecond: 0, variableFrameRate: false };
  }
  const typical = intervals.toSorted((a, b) => a - b)[Math.floor(intervals.length / 2)]!;
  // Containers that count in milliseconds move each timestamp by up to half of one.
  const jitter = Math.max(0.0015, 0.05 * typical);
  return {
    durationSeconds: last + Math.max(0, intervals.at(-1)!),
    framesPerSecond: last > 0 ? intervals.length / last : 0,
    variableFrameRate: intervals.some((interval) => Math.abs(interval - typical) > jitter),
  };
}
