import type { ControlTask } from '../../src-preload/shared/contract/corrections';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { chosenConfounds, ControlledSeries } from '../coupling/controlled-series';
import { controlledTests, plainTests, type PairTests } from '../coupling/pair-tests';
import type { ActivationCache } from '../project/activation-cache';
import { brainOf, filtersOf, firstColumns, rowOf } from './coupled-series';
import type { CouplingInputs } from './coupling-inputs';

/** A coupling's series as they were correlated. */
export interface CoupledTests {
  tests: PairTests;
  /** Time points in use. */
  timePoints: number;
  /** null: as they are. */
  controlled: ControlledSeries | null;
}

/**
 * How the pairs of a coupling are tested, on the series that they are of.
 * @param filter the only one that is asked for, which is then filter 0 of the tests; all where left out
 * @returns undefined where series or confounds are not there
 */
export async function coupledTests(
  cache: ActivationCache,
  inputs: CouplingInputs,
  embeddingKey: string,
  filter?: number,
): Promise<CoupledTests | undefined> {
  const [x, filters] = [await brainOf(cache, inputs, embeddingKey), await filtersOf(cache, inputs)];
  if (!x || !filters) return undefined;
  const { timePoints, controls } = inputs;
  const y = filter === undefined ? firstColumns(filters, timePoints) : rowOf(filters, filter, timePoints);
  if (!controls) return { tests: plainTests(x, y), timePoints, controlled: null };
  const confounds = controls.confounds && knownConfounds(cache, controls.confounds, timePoints);
  if (confounds === undefined) return undefined;
  const controlled = new ControlledSeries(x, y, { ...controls, confounds });
  return { tests: controlledTests(controlled), timePoints: controlled.timePoints, controlled };
}

function knownConfounds(
  cache: ActivationCache,
  { key, rows, sound }: NonNullable<ControlTask['confounds']>,
  timePoints: number,
): Matrix | undefined {
  const [picture, level] = [
    rows.length > 0 ? cache.readConfounds(key) : undefined,
    sound ? cache.readConfounds(sound.key) : undefined,
  ];
  if ((rows.length > 0 && !picture) || (sound && !level)) return undefined;
  return chosenConfounds(picture, rows, level, timePoints);
}
