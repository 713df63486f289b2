import { pairColumns } from '../../../src-preload/shared/contract/resources';
import { toZScores } from '../../coupling/series';
import type { ControlledSeries } from '../../coupling/controlled-series';
import { ActivationCache } from '../../project/activation-cache';
import { hierarchyOf } from '../../report/comparison-tables';
import { listComparisons } from '../../project/queries/comparisons';
import type { Project } from '../../project/project';
import { listCouplings, listPairs, type NamedCoupling } from '../../project/queries/couplings';
import { listEmbeddings } from '../../project/queries/embeddings';
import { coupledTests } from '../coupled-tests';
import { currentCouplingInputs, type CouplingInputs } from '../coupling-inputs';
import { nullOfPair } from '../pair-null';
import { numbers, present, type ResourceRoute } from './resource';

export const couplingResources: readonly ResourceRoute[] = [
  {
    pattern: /^\/resource\/couplings\/(\d+)\/pairs\.f64$/,
    answer(project, [coupling]) {
      const pairs = listPairs(project.database, Number(coupling));
      const width = pairColumns.length;
      const data = new Float64Array(pairs.length * width);
      pairs.forEach(({ correction, ...pair }, i) => {
        const values = { ...pair, ...correction, mutual: correction && Number(correction.isMutual) };
        pairColumns.forEach((name, column) => (data[i * width + column] = values[name] ?? NaN));
      });
      return numbers(data, [pairs.length, width]);
    },
  },
  {
    pattern: /^\/resource\/couplings\/(\d+)\/null\/(\d+)\/(\d+)\.f32$/,
    answer: (project, [id, fbn, filter]) =>
      withPair(project, { id: Number(id), fbn: Number(fbn), filter: Number(filter) }, async (pair) => {
        const maxima = await nullOfPair(pair.cache, pair.coupling, pair, pair.inputs, pair.embeddingKey);
        return numbers(present(maxima, 'this pair has no null yet'), [maxima!.length]);
      }),
  },
  {
    pattern: /^\/resource\/couplings\/(\d+)\/hierarchy\.f64$/,
    answer({ database }, [id]) {
      const coupling = present(
        listCouplings(database).find((one) => one.id === Number(id)),
        `there is no coupling ${id}`,
      );
      const comparisons = listComparisons(database, coupling.embeddingId).filter(({ model }) => model === coupling.model);
      const { layers, fbns } = present(hierarchyOf(comparisons)[0], 'fewer than two layers of this model are compared');
      const width = 2 + layers.length;
      const data = new Float64Array(coupling.fbns * width).fill(NaN);
      for (const { fbn, best, centre, r } of fbns)
        data.set([best, centre ?? NaN, ...r.map((value) => value ?? NaN)], fbn * width);
      return numbers(data, [coupling.fbns, width]);
    },
  },
  {
    pattern: /^\/resource\/couplings\/(\d+)\/series\/(\d+)\/(\d+)\.f32$/,
    answer: (project, [id, fbn, filter]) =>
      withPair(project, { id: Number(id), fbn: Number(fbn), filter: Number(filter) }, async (pair) => {
        const inputs = present(pair.inputs, 'what this pair was made of is gone');
        const coupled = await coupledTests(pair.cache, inputs, pair.embeddingKey, pair.filter);
        const controlled = present(coupled?.controlled ?? undefined, 'nothing was done to the activations of this pair');
        const series = present(controlledSeriesOf(controlled, pair.fbn, inputs.timePoints), 'this pair has no r');
        return numbers(series, [2, inputs.timePoints]);
      }),
  },
];

interface WantedPair {
  id: number;
  fbn: number;
  filter: number;
}

interface FoundPair extends WantedPair {
  cache: ActivationCache;
  coupling: NamedCoupling;
  inputs: CouplingInputs | undefined;
  embeddingKey: string;
}

async function withPair<Answer>(
  project: Project,
  wanted: WantedPair,
  work: (pair: FoundPair) => Promise<Answer>,
): Promise<Answer> {
  const { database } = project;
  const coupling = present(
    listCouplings(database).find((one) => one.id === wanted.id),
    `there is no coupling ${wanted.id}`,
  );
  present(wanted.fbn < coupling.fbns && wanted.filter < coupling.filters ? wanted : undefined, 'there is no such pair');
  const embeddingKey = listEmbeddings(database).find((one) => one.id === coupling.embeddingId)!.key;
  const cache = ActivationCache.openReadOnly(project.activationsFile);
  try {
    return await work({ ...wanted, cache, coupling, inputs: currentCouplingInputs(project)(coupling), embeddingKey });
  } finally {
    cache.close();
  }
}

/** Both series over the whole run [2, time], NaN where delays cost time points. */
function controlledSeriesOf(controlled: ControlledSeries, fbn: number, time: number): Float32Array | undefined {
  const partner = controlled.partner(fbn, 0);
  const columns = controlled.timePoints;
  const x = toZScores(controlled.x.data.subarray(fbn * columns, (fbn + 1) * columns));
  const y = partner && toZScores(partner.series);
  if (!x || !y) return undefined;
  const series = new Float32Array(2 * time).fill(NaN);
  series.set(x, time - columns);
  series.set(y, 2 * time - columns);
  return series;
}
