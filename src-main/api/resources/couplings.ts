import { pairColumns } from '../../../src-preload/shared/contract/resources';
import { ActivationCache } from '../../project/activation-cache';
import { listCouplings, listPairs } from '../../project/queries/couplings';
import { listEmbeddings } from '../../project/queries/embeddings';
import { currentCouplingInputs } from '../coupling-inputs';
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
    async answer(project, [id, fbn, filter]) {
      const { database } = project;
      const coupling = present(
        listCouplings(database).find((one) => one.id === Number(id)),
        `there is no coupling ${id}`,
      );
      const embeddingKey = listEmbeddings(database).find((one) => one.id === coupling.embeddingId)!.key;
      const pair = { fbn: Number(fbn), filter: Number(filter) };
      present(pair.fbn < coupling.fbns && pair.filter < coupling.filters ? pair : undefined, 'there is no such pair');
      const cache = ActivationCache.openReadOnly(project.activationsFile);
      try {
        const inputs = currentCouplingInputs(project)(coupling);
        const maxima = present(await nullOfPair(cache, coupling, pair, inputs, embeddingKey), 'this pair has no null yet');
        return numbers(maxima, [maxima.length]);
      } finally {
        cache.close();
      }
    },
  },
];
