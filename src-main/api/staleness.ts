import type { Project } from '../project/project';
import { listCouplings } from '../project/queries/couplings';
import { listEmbeddings, type Embedding } from '../project/queries/embeddings';
import { listRuns } from '../project/queries/runs';
import { listRecordedSources, recordedState } from '../project/queries/recorded-sources';
import { listSources, sourceState } from '../project/queries/sources';
import { currentMask } from '../project/queries/masks';
import { listDecodings, listVocabularies } from '../project/queries/vocabularies';
import { currentCouplingInputs } from './coupling-inputs';
import { currentDecodings } from './semantics/decodings';

export interface Stale {
  what: string;
  why: string;
}

/** What no longer follows from its inputs: sources that changed, what an older mask was used for, results of older runs or splits. */
export function findStale(project: Project): Stale[] {
  return [
    ...[staleSources(project), staleRuns(project), staleEmbeddings(project), staleCouplings(project)].flat(),
    ...staleTerms(project),
  ];
}

function staleSources({ database }: Project): Stale[] {
  const states = new Map(listRecordedSources(database).map((source) => [source.path, source]));
  return [...states.values()].flatMap((source) => {
    const state = recordedState(source);
    if (state === 'unchanged') return [];
    const what = source.file ? 'the file' : 'the folder';
    return [
      { what: source.path, why: `${what} ${state === 'missing' ? 'is no longer there' : 'has changed since it was read'}` },
    ];
  });
}

function staleRuns({ database }: Project): Stale[] {
  const stale = listRuns(database).filter((run) => !run.maskIsCurrent);
  return stale.map((run) => ({
    what: `${run.subject} ${run.movieRun}`,
    why: 'imported under another mask than the current one',
  }));
}

/** Vocabularies made under an older mask, and comparisons of FBNs with terms that were imported anew since. */
function staleTerms(project: Project): Stale[] {
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
    }));
  const comparisons = listDecodings(database)
    .filter(({ key }) => !current.has(key))
    .map(({ embeddingId, vocabularyId }) => ({
      what: `terms of embedding ${embeddingId}, ${nameOf.get(vocabularyId)}`,
      why: 'the terms were imported anew since: run `decode` again',
    }));
  return [...maps, ...comparisons];
}

/** Embeddings that no longer follow from the mask, the runs or the split. */
export function staleEmbeddings({ database }: Project): Stale[] {
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
  return listEmbeddings(database).flatMap((embedding): Stale[] => {
    const what = `embedding ${embedding.id}`;
    if (mask && embedding.maskId !== mask.id) return [{ what, why: 'trained under another mask than the current one' }];
    const changed = states(embedding).find(({ state }) => state !== 'unchanged');
    if (changed)
      return [{ what, why: `${changed.path} ${changed.state === 'missing' ? 'is gone' : 'has changed'} since it was imported` }];
    if (embedding.result?.imported) return [];
    const isExternal = embedding.inputs.sources !== undefined;
    if (!isExternal && !sameSet(embedding.inputs.trainRuns, current.trainRuns))
      return [{ what, why: 'the training runs or the split have changed since' }];
    const hasValidation = !isExternal && !isDecomposition(embedding);
    if (hasValidation && !sameSet(embedding.inputs.validationRuns, current.validationRuns))
      return [{ what, why: 'the validation runs have changed since' }];
    if (embedding.result && test.size > 0 && !sameSet(embedding.result.testSubjects, [...test])) {
      return [{ what, why: 'the test subjects have changed since: run `train` again to encode them (nothing is trained anew)' }];
    }
    return [];
  });
}

function staleCouplings(project: Project): Stale[] {
  const inputsOf = currentCouplingInputs(project);
  return listCouplings(project.database)
    .filter((coupling) => inputsOf(coupling)?.key !== coupling.key)
    .map((coupling) => ({
      what: `pairs of embedding ${coupling.embeddingId} with ${coupling.model} ${coupling.layer}, ${coupling.movieRun}, ${coupling.direction}`,
      why: 'the embedding, the runs or the movie have changed since: run `couple` again',
    }));
}

/** Group ICA and dictionary learning take no part of the runs for validation. */
function isDecomposition({ variant }: Embedding): boolean {
  return variant === 'group-ica' || variant === 'dictionary';
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;
}
