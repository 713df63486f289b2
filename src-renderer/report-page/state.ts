import type { Mm } from '../ui/volume';

/** What a page shows. */
export interface ViewState {
  fbn: number;
  run: number;
  /** First and last time point in sight. */
  from: number;
  to: number;
  /** The time point that all traces mark. */
  cursor: number;
  mm: Mm;
  /** Share of the map's limit below which nothing is drawn. */
  threshold: number;
}

/** Fewest time points in sight. */
const CLOSEST = 8;

/** The stretch between two places of the present one (0: its start, 1: its end), within the run and no shorter than eight points. */
export function zoomed({ from, to }: Pick<ViewState, 'from' | 'to'>, start: number, end: number, last: number): [number, number] {
  const [low, high] = [Math.min(start, end), Math.max(start, end)];
  const span = Math.min(last, Math.max(CLOSEST, (high - low) * (to - from)));
  const middle = from + ((low + high) / 2) * (to - from);
  const first = Math.max(0, Math.min(last - span, middle - span / 2));
  return [first, first + span];
}

/** The stretch moved so that a time point is in sight. */
export function withInSight({ from, to }: Pick<ViewState, 'from' | 'to'>, point: number, last: number): [number, number] {
  if (point >= from && point <= to) return [from, to];
  const span = to - from;
  const first = Math.max(0, Math.min(last - span, point - span / 2));
  return [first, first + span];
}

/** "05:12" of seconds; with tenths where a run's TR is no whole number. */
export function clock(seconds: number, tenths = false): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds - 60 * minutes;
  const text = tenths ? rest.toFixed(1).padStart(4, '0') : String(Math.floor(rest)).padStart(2, '0');
  return `${String(minutes).padStart(2, '0')}:${text}`;
}

/** Distances of marks on an axis of seconds: about so many within a span. */
export function clockStep(span: number, marks: number): number {
  return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600].find((step) => span / step <= marks) ?? 7200;
}
