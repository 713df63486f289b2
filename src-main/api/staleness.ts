import type { StaleThing } from '../../src-preload/shared/contract/project-info';
import type { Project } from '../project/project';
import { listCouplings } from '../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../project/queries/embeddings';
import { listRuns } from '../project/queries/runs';
import { listRecordedSources, recordedState, type SourceUse } from '../project/queries/recorded-sources';
import { listSources, sourceState } from '../project/queries/sources';
import { currentMask } from '../project/queries/masks';
import { listDecodings, listVocabularies } from '../project/queries/vocabularies';
import { currentCouplingInputs } from './coupling-inputs';
import { currentDecodings } from './semantics/decodings';

/** The step that sources belong to, by what was made of them. */
const steps: Record<SourceUse['table'], StaleThing['step']> = {
  run: 'data',
  mask: 'data',
  movie: 'movies',
  model: 'models',
  embedding: 'embedding',
  vocabulary: 'semantics',
  label_set: 'semantics',
  image_set: 'semantics',
};

/** What no longer follows from its inputs: sources that changed, what an older mask was used for, results of older runs or splits. */
export function findStale(project: Project): StaleThing[] {
  return [
    ...[staleSources(project), staleRuns(project), staleEmbeddings(project), staleCouplings(project)].flat(),
    ...staleTerms(project),
  ];
}

function staleSources({ database }: Project): StaleThing[] {
  const states = new Map(listRecordedSources(database).map((source) => [source.path, source]));
  return [...states.values()].flatMap((source) => {
    const state = recordedState(source);
    if (state === 'unchanged') return [];
    const what = source.file ? 'the file' : 'the folder';
    const why = `${what} ${state === 'missing' ? 'is no longer there' : 'has changed since it was read'}`;
    return [{ what: source.path, why, step: steps[source.uses[0]!.table] }];
  });
}

function staleRuns({ database }: Project): StaleThing[] {
  const stale = listRuns(database).filter((run) => !run.maskIsCurrent);
  return stale.map((run) => ({
    what: `${run.subject} ${run.movieRun}`,
    why: 'imported under another mask than the current one',
    step: 'data',
  }));
}

/** Vocabularies made under an older mask, and comparisons of FBNs with terms that were imported anew since. */
function staleTerms(project: Project): StaleThing[] {
  const { database } = project;
  const mask = currentMask(database);
  const vocabularies = listVocabularies(database);
  const nameOf = new Map(vocabularies.map(({ id, name }) => [id, name]));
  const current = new Set(currentDecodings(project).map(({ key }) => key));
  const maps = vocabularies
    .filter(({ maskHash }) => mask && maskHash !== mask.hash)
    .map(({ name }) => ({
      what: `terms ${name}`,
      why: 'their maps were made under another mask than the current one: import them again',
      step: 'semantics' as const,
    }));
  const comparisons = listDecodings(database)
    .filter(({ key }) => !current.has(key))
    .map(({ embeddingId, vocabularyId }) => ({
      what: `terms of embedding ${embeddingId}, ${nameOf.get(vocabularyId)}`,
      why: 'the terms were imported anew since: run `decode` again',
      step: 'semantics' as const,
    }));
  return [...maps, ...comparisons];
}

/** Embeddings that no longer follow from the mask, the runs or the split. */
export function staleEmbeddings({ database }: Project): StaleThing[] {
  const mask = currentMask(database);
  const runs = listRuns(database).filter((run) => run.maskIsCurrent);
  const keys = (split: string) => runs.filter((run) => run.split === split).map((run) => run.key);
  const test = new Set(runs.filter((run) => run.split === 'test').map((run) => run.subject));
  const current = { trainRuns: keys('train'), validationRuns: keys('validation') };
  const sources = new Map(listSources(database).map((source) => [`${source.path} ${source.hash}`, source]));
  const states = (embedding: Embedding) =>
    (embedding.inputs.sources ?? []).map(({ path, hash }) => {
      const source = sources.get(`${path} ${hash}`);
      return { path, state: source ? sourceState(source) : 'missing' };
    });
  return listEmbeddings(database).flatMap((embedding): StaleThing[] => {
    const because = (why: string) => [{ what: `embedding ${embedding.id}`, why, step: 'embedding' as const }];
    if (mask && embedding.maskId !== mask.id) return because('trained under another mask than the current one');
    const changed = states(embedding).find(({ state }) => state !== 'unchanged');
    if (changed)
      return because(`${changed.path} ${changed.state === 'missing' ? 'is gone' : 'has changed'} since it was imported`);
    if (embedding.result?.imported) return [];
    const isExternal = embedding.inputs.sources !== undefined;
    if (!isExternal && !sameSet(embedding.inputs.trainRuns, current.trainRuns))
      return because('the training runs or the split have changed since');
    const hasValidation = !isExternal && !isDecomposition(embedding);
    if (hasValidation && !sameSet(embedding.inputs.validationRuns, current.validationRuns))
      return because('the validation runs have changed since');
    if (embedding.result && test.size > 0 && !sameSet(embedding.result.testSubjects, [...test])) {
      return because('the test subjects have changed since: run `train` again to encode them (nothing is trained anew)');
    }
    return [];
  });
}

function staleCouplings(project: Project): StaleThing[] {
  const inputsOf = currentCouplingInputs(project);
  return listCouplings(project.database)
    .filter((coupling) => inputsOf(coupling)?.key !== coupling.key)
    .map((coupling) => ({
      what: `pairs of embedding ${coupling.embeddingId} with ${coupling.model} ${coupling.layer}, ${coupling.movieRun}, ${coupling.direction}`,
      why: 'the embedding, the runs or the movie have changed since: run `couple` again',
      step: 'coupling',
    }));
}

/** Group ICA and dictionary learning take no part of the runs for validation. */
function isDecomposition({ variant }: Embedding): boolean {
  return variant === 'group-ica' || variant === 'dictionary';
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
