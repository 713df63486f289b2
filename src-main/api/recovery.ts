import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluatePhantomResult, EvaluatePhantomTask } from '../../src-preload/shared/contract/phantom-tasks';
import { cacheKey } from '../files/hash';
import type { JobContext } from '../jobs/queue';
import { currentCouplingInputs } from './coupling-inputs';
import { encodedRuns } from './encoded-runs';
import type { Project } from '../project/project';
import { listCouplings } from '../project/queries/couplings';
import type { Embedding } from '../project/queries/embeddings';
import { readMask } from '../project/queries/masks';
import { storeMeasure } from '../project/queries/measures';

/** The name of a phantom's CNN in a project. */
export const PHANTOM_MODEL = 'phantom-cnn';
/** Folders of a project in which the truth of its phantom lies begin so. */
export const PHANTOM_FOLDER = 'phantom-data';

/** The truth that was planted in a project's data, planted.json with its maps beside it; undefined for real data. */
export function plantedTruth(project: Project): string | undefined {
  const files = readdirSync(project.folder)
    .filter((name) => name.startsWith(PHANTOM_FOLDER))
    .map((name) => join(project.folder, name, 'planted.json'))
    .filter((file) => existsSync(file));
  // Another phantom made later in the same project is the one that is imported.
  return files.toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1);
}

/** What an embedding is held against the truth by; undefined where the planted layer is not coupled. */
export function recoveryTask(project: Project, embedding: Embedding, planted: string): EvaluatePhantomTask | undefined {
  const couplings = listCouplings(project.database, embedding.id).filter(
    ({ model, isLastConvolution, reducer }) => model === PHANTOM_MODEL && isLastConvolution && reducer === 'max',
  );
  if (couplings.length === 0 || !embedding.result) return undefined;
  const inputsOf = currentCouplingInputs(project);
  return {
    ...{ project: project.folder, planted, mask: readMask(project.database, embedding.maskId)!.file },
    maps: project.path(embedding.result.maps.file),
    activations: project.activationsFile,
    correlations: [...new Map(couplings.map((coupling) => [coupling.key, coupling])).values()].flatMap((coupling) => {
      const inputs = inputsOf(coupling);
      return inputs?.key === coupling.key ? [inputs] : [];
    }),
    ...{ fbns: embedding.fbns, embeddingKey: embedding.key, runs: runsWithScans(project, embedding) },
  };
}

function runsWithScans(project: Project, embedding: Embedding): EvaluatePhantomTask['runs'] {
  return encodedRuns(project, embedding).flatMap(({ name, file, key }) => (file === null ? [] : [{ name, file, key }]));
}

/** How much of a phantom's truth an embedding's couplings find, which is stored too; undefined for real data. */
export async function measureRecovery(
  embedding: Embedding,
  { project, runTask }: JobContext,
): Promise<EvaluatePhantomResult | undefined> {
  const planted = plantedTruth(project);
  const task = planted && recoveryTask(project, embedding, planted);
  if (!task) return undefined;
  const found = await runTask('evaluate-phantom', task);
  const key = cacheKey({ kind: 'recovery', embedding: embedding.key, correlations: task.correlations.map((one) => one.key) });
  const { planted: pairs, recovered, strength, byActivation, control, alternatives } = found;
  const totals = {
    ...{ planted: pairs, ...recovered, ...strength, ...alternatives },
    ...prefixed('byActivation', byActivation),
    ...prefixed('control', control),
  };
  storeMeasure(project.database, 'recovery', { embeddingId: embedding.id, key, totals, columns: {} });
  return found;
}

function prefixed(prefix: string, values: object): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, Number(value)]));
}
