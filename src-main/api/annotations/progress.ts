import type { CurationProgress } from '../../../src-preload/shared/contract/annotation-views';
import { decisionOf } from '../../annotation/compare';
import { annotationOf, listAuthors } from '../../annotation/replay';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import { listDistinctPairs } from '../../project/queries/pair-places';
import { annotationLog } from './log';
import { PairPlaces } from './pairs';

/** How many pairs of the newest coupled embedding are kept or rejected, by whom. */
export function viewProgress(project: Project): CurationProgress {
  const newest = Math.max(0, ...listCouplings(project.database).map(({ embeddingId }) => embeddingId));
  if (newest === 0) return { embedding: null, pairs: 0, raters: [] };
  const { state } = annotationLog(project);
  const places = new PairPlaces(project);
  const pairs = listDistinctPairs(project.database, newest, 'fbn-to-filter').map(([layer, fbn, filter]) =>
    places.identity({ embedding: newest, layer: layer!, fbn: fbn!, filter: filter! }),
  );
  const raters = listAuthors(state).map(({ author }) => ({
    author,
    decided: pairs.filter((pair) => {
      const annotation = annotationOf(state, pair, author);
      return annotation !== null && decisionOf(annotation) !== undefined;
    }).length,
  }));
  raters.sort((a, b) => b.decided - a.decided);
  return { embedding: newest, pairs: pairs.length, raters: raters.filter(({ decided }) => decided > 0) };
}
