import { expect, test } from 'vitest';
import { listFound, search } from '../../../src-renderer/app/palette';
import type { ProjectInfo } from '../../../src-preload/shared/contract/project-info';
import type { ModelView } from '../../../src-preload/shared/contract/model-views';
import type { CouplingView } from '../../../src-preload/shared/contract/views';

const info = {
  subjects: [{ name: 'sub-01' }, { name: 'sub-011' }],
  movieRuns: [{ name: 'run-1' }],
  embeddings: [{ id: 3, fbns: 40, state: 'complete' }],
} as unknown as ProjectInfo;
const models = [
  { id: 9, name: 'resnet18', layers: [{ id: 90, name: 'layer4', filters: 512, isLastConvolution: true }] },
] as unknown as ModelView[];
const couplings = [{ id: 5, layerId: 90, direction: 'filter-to-fbn' }] as unknown as CouplingView[];
const find = (typed: string, known = couplings) => search(listFound(info, models), { models, couplings: known }, typed);

test('everything with a name is found, the exact one first', () => {
  expect(find('')[0]).toMatchObject({ label: 'Overview' });
  expect(find('fbn 4')[0]).toMatchObject({ label: 'FBN 4', path: '/fbns/3/4' });
  expect(find('sub-01')[0]!.label).toBe('sub-01');
  expect(find('import movie')[0]).toMatchObject({ kind: 'action', path: '/movies?action=import' });
  expect(find('agreement')[0]).toMatchObject({ kind: 'action', path: '/curate?action=agreement' });
  expect(find('nothing of that name')).toEqual([]);
});

test('a filter is found by its layer and number, to look into it or at its pairs', () => {
  expect(find('layer4 107')).toEqual([
    { label: 'layer4 · filter 107', kind: 'filter', path: '/models/9/90/107' },
    { label: 'pairs of layer4 · filter 107', kind: 'filter', path: '/coupling/5?pairs=filter%20107' },
  ]);
  expect(find('layer4 107', [])).toHaveLength(1);
  expect(find('layer4 900')).toEqual([]);
});
