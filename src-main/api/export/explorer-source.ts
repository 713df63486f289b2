import { existsSync } from 'node:fs';
import type { ExplorerRunSource, ExplorerSource } from '../../../src-preload/shared/contract/report';
import type { PagePartner } from '../../../src-preload/shared/contract/report-page';
import type { Project } from '../../project/project';
import { listCouplings, listPairs } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';
import { listMovieRuns } from '../../project/queries/movie-runs';
import { currentCouplingInputs } from '../coupling-inputs';
import { encodedRuns } from '../encoded-runs';
import { lastConvolutions } from '../figures/pair-choice';
import { brainOf, describeFbns } from '../figures/prepare';
import { bestTerms, comparedVocabularies } from '../semantics/pair-words';

/** Seconds between volumes where nothing says so. */
const UNKNOWN_TR = 1;
const TERMS = 4;

/** Where everything is that a page shows of an embedding; null where it has no activations. */
export function explorerSource(project: Project, embedding: Embedding): ExplorerSource | null {
  const runs = existsSync(project.activationsFile) ? movieRunsOf(project, embedding) : [];
  if (runs.length === 0) return null;
  return {
    brain: brainOf(project, embedding, undefined),
    activations: project.activationsFile,
    embeddingKey: embedding.key,
    fbns: fbnsOf(project, embedding),
    runs,
  };
}

function fbnsOf(project: Project, embedding: Embedding): ExplorerSource['fbns'] {
  const vocabulary = comparedVocabularies(project, embedding.id).at(-1);
  const termsOf = vocabulary ? bestTerms(project, embedding.id, vocabulary, { allKinds: false, count: TERMS }) : () => [];
  return describeFbns(project, embedding, undefined).map(({ fbn, note }) => ({
    note,
    terms: termsOf(fbn)
      .map(({ title, r }) => `${title} ${r.toFixed(2).replace('-', '−')}`)
      .join(' · '),
  }));
}

function movieRunsOf(project: Project, embedding: Embedding): ExplorerRunSource[] {
  const movieRuns = new Map(listMovieRuns(project.database).map((movieRun) => [movieRun.name, movieRun]));
  const partners = bestPartners(project, embedding);
  const encoded = Map.groupBy(encodedRuns(project, embedding), ({ movieRun }) => movieRun);
  return [...encoded].map(([movieRun, runs]) => ({
    movieRun,
    trSeconds: movieRuns.get(movieRun)?.trSeconds ?? UNKNOWN_TR,
    timePoints: Math.min(...runs.map(({ timePoints }) => timePoints)),
    // A mean over subjects is listed once for every scan that it is measured by.
    runs: [...new Set(runs.map(({ key }) => key))],
    partners: partners(movieRun),
  }));
}

/** By movie run, the filter of the largest r of every FBN: of last convolutions, or of all layers where none of those is coupled. */
function bestPartners(project: Project, { id, fbns }: Embedding): (movieRun: string) => ExplorerRunSource['partners'] {
  const couplings = listCouplings(project.database, id).filter(
    ({ direction, reducer }) => direction === 'fbn-to-filter' && reducer === 'max',
  );
  const inputsOf = currentCouplingInputs(project);
  return (movieRun) => {
    const partners = Array.from({ length: fbns }, (): ExplorerRunSource['partners'][number] => null);
    for (const coupling of lastConvolutions(couplings)) {
      const inputs = coupling.movieRun === movieRun ? inputsOf(coupling) : undefined;
      // What is out of date is no pair of these activations.
      if (inputs?.key !== coupling.key) continue;
      for (const { fbn, filter, r } of listPairs(project.database, coupling.id)) {
        if (r <= (partners[fbn]?.r ?? -Infinity)) continue;
        const named: PagePartner = { name: `${coupling.model} · ${coupling.layer} · ${filter}`, r };
        partners[fbn] = { ...named, filter, filterActivation: inputs.filterActivation };
      }
    }
    return partners;
  };
}
