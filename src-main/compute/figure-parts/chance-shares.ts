import type { FigureTask, SharesOfStudy } from '../../../src-preload/shared/contract/figures';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import { countChancePairs, noChanceShares } from '../../coupling/chance-pairs';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskContext } from '../process';

type Nulls = Extract<NonNullable<FigureTask['calibration']>, { nulls: unknown }>['nulls'];

/** From 0.01 to 0.2. */
const LEVELS = Array.from({ length: 20 }, (_, i) => (i + 1) / 100);

/** What a study found, or what the project's own nulls say. */
export async function calibrationPanels(
  { calibration, activations }: FigureTask,
  context: TaskContext,
): Promise<SharesOfStudy[]> {
  return 'study' in calibration! ? calibration.study : [await chanceSharesOf(activations, calibration!.nulls, context)];
}

/** How often the copies of a project's own nulls, chance pairs all of them, are called significant at each level. */
async function chanceSharesOf(activations: string, nulls: Nulls, context: TaskContext): Promise<SharesOfStudy> {
  const shares = noChanceShares(LEVELS);
  const cache = ActivationCache.openReadOnly(activations);
  try {
    for (const [i, { key, timePoints, filters }] of nulls.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: 'counting chance pairs', done: i, total: nulls.length, unit: 'couplings' });
      const maxima = cache.readNullMaxima(key);
      // The first is what was observed.
      for (let fbn = 0; maxima && fbn < maxima.rows; fbn++)
        countChancePairs(matrixRow(maxima, fbn).subarray(1), { timePoints, partners: filters }, LEVELS, shares);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    cache.close();
  }
  const line = (
    label: string,
    counted: Float64Array,
    way: 'paper' | 'corrected',
    isDashed = false,
  ): SharesOfStudy['lines'][number] => ({
    ...{ label, way, isDashed },
    points: LEVELS.map((x, i) => ({ x, share: shares.tested === 0 ? 0 : counted[i]! / shares.tested })),
  });
  return {
    title: `${shares.tested.toLocaleString('en')} chance pairs called significant, by level`,
    ...{ xLabel: 'level of the test', yLabel: 'share of pairs', isLogarithmic: false, nominal: 'x' },
    lines: [
      line('paper: t-test', shares.naive, 'paper'),
      line('t-test, p times the filters (Bonferroni)', shares.bonferroni, 'paper', true),
      line('corrected: null of the maximum', shares.corrected, 'corrected'),
    ],
  };
}
