import { UserError } from '../../src-preload/shared/domain/errors';
import { headerTrSeconds, isPlausibleTr, type NiftiHeader } from './nifti/header';

/** Header and sidecar may differ by rounding only. */
const TOLERANCE_SECONDS = 0.001;
const PLAUSIBLE = 'a TR between 0.05 and 20 s';

/**
 * Seconds between volumes, from what the user says, else from header and sidecar where they agree. Never guessed: a TR in
 * milliseconds marked as seconds, a missing one, or two that differ are asked about.
 * @param sources.sidecarSeconds RepetitionTime of the BIDS sidecar
 * @param sources.override --tr
 * @throws UserError asking for --tr
 */
export function resolveTr(sources: {
  header: NiftiHeader;
  sidecarSeconds?: number | undefined;
  override?: number | undefined;
  file: string;
}): number {
  const { header, sidecarSeconds, override, file } = sources;
  if (override !== undefined) {
    if (isPlausibleTr(override)) return override;
    throw new UserError({
      code: 'tr-unclear',
      what: '--tr is not plausible',
      expected: PLAUSIBLE,
      found: `${override}`,
      remedy: 'give seconds, not milliseconds',
    });
  }
  const fromHeader = headerTrSeconds(header);
  if (sidecarSeconds !== undefined && fromHeader !== null && Math.abs(fromHeader - sidecarSeconds) > TOLERANCE_SECONDS) {
    const found = `${fromHeader} s in the header, ${sidecarSeconds} s in the sidecar`;
    throw new UserError({
      code: 'tr-unclear',
      what: 'header and sidecar disagree about the TR',
      file,
      found,
      remedy: 'pass --tr SECONDS',
    });
  }
  const seconds = sidecarSeconds ?? fromHeader;
  if (seconds !== null && isPlausibleTr(seconds)) return seconds;
  const found = seconds === null ? 'none' : `${seconds} s${seconds > 20 ? ' (milliseconds?)' : ''}`;
  throw new UserError({
    code: 'tr-unclear',
    what: 'the TR of this run is not known',
    file,
    expected: PLAUSIBLE,
    found,
    remedy: 'pass --tr SECONDS',
  });
}
