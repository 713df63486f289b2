import type { MovieView } from '../../../src-preload/shared/contract/views';

/** Whether a movie run's frames fit its scans. */
export interface Alignment {
  ok: boolean;
  /** One line each: what is compared, and whether it fits. */
  lines: { ok: boolean; text: string }[];
}

/** Holds the frames of a movie against the runs: how many there are, and the TR. */
export function checkAlignment({ movie, runLengths, trSeconds, trimmed, timePoints }: MovieView): Alignment {
  if (!movie) return { ok: false, lines: [{ ok: false, text: 'no frames yet' }] };
  if (runLengths.length === 0) return { ok: true, lines: [{ ok: true, text: 'no fMRI runs of this movie run yet' }] };
  const lines = runLengths.map(({ volumes, runs }) => {
    const fits = volumes === movie.frames || trimmed !== null;
    return {
      ok: fits,
      text: `${runs} ${runs === 1 ? 'run has' : 'runs have'} ${volumes} volumes, the movie ${movie.frames} frames`,
    };
  });
  if (trSeconds !== null) {
    const ok = Math.abs(trSeconds - movie.trSeconds) < 1e-3;
    lines.push({ ok, text: `TR of the runs ${trSeconds} s, of the frames ${movie.trSeconds} s` });
  }
  if (trimmed !== null) lines.push({ ok: true, text: `${trimmed}; ${timePoints ?? '?'} time points are used` });
  return { ok: lines.every((line) => line.ok), lines };
}
