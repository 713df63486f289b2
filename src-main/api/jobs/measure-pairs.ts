import type { ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { listPairs, storePairMetrics } from '../../project/queries/couplings';
import { listEmbeddings } from '../../project/queries/embeddings';
import { ablationCouplings, isMeasured } from '../ablation';
import { currentCouplingInputs } from '../coupling-inputs';

export interface MeasurePairsOutput {
  /** Couplings and pairs measured now. */
  couplings: number;
  pairs: number;
}

/** Measures the pairs that Table 4 is about; a coupling that is stale is left as it is. */
export async function measurePairs(
  { fbns, band }: ParsedJobInput<'measure-pairs'>,
  { project, runTask, warn }: JobContext,
): Promise<MeasurePairsOutput> {
  const { database } = project;
  const inputsOf = currentCouplingInputs(project);
  const keys = new Map(listEmbeddings(database).map(({ id, key }) => [id, key]));
  const missing = ablationCouplings(project, fbns).filter(({ metrics }) => !isMeasured(metrics, band));
  const couplings = missing.flatMap(({ coupling }) => {
    const inputs = inputsOf(coupling);
    return inputs?.key === coupling.key ? [{ coupling, inputs }] : [];
  });
  if (couplings.length < missing.length)
    warn(`${missing.length - couplings.length} stale couplings are left out: run \`syncact couple\` again`);
  let pairs = 0;
  const task = couplings.map(({ coupling, inputs: { runs, filterActivation, timePoints } }) => {
    const listed = listPairs(database, coupling.id);
    const column = (name: 'fbn' | 'filter') => Int32Array.from(listed, (pair) => pair[name]);
    return {
      ...{ embeddingKey: keys.get(coupling.embeddingId)!, runs, filterActivation, timePoints },
      pairs: { fbn: column('fbn'), filter: column('filter') },
    };
  });
  if (task.length > 0) {
    const input = { activations: project.activationsFile, couplings: task, ...(band !== undefined && { band }) };
    await runTask('measure-pairs', input, ({ index, ...measured }) => {
      storePairMetrics(database, couplings[index]!.coupling.id, measured);
      pairs += measured.pairs;
    });
  }
  return { couplings: task.length, pairs };
}
