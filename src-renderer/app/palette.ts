import type { ProjectInfo } from '../../src-preload/shared/contract/project-info';
import type { WordsView } from '../../src-preload/shared/contract/semantics-views';
import type { ModelView } from '../../src-preload/shared/contract/model-views';
import type { CouplingView } from '../../src-preload/shared/contract/views';
import { placeOfFilter, type FilterPlace } from './places';
import { screens } from './screens';

/** Something that can be found by name, with where it is or what it does. */
export interface Found {
  label: string;
  /** What kind of thing it is, in a word. */
  kind: 'screen' | 'action' | 'model' | 'subject' | 'movie run' | 'FBN' | 'filter' | 'term' | 'label';
  path: string;
}

const actions: Found[] = [
  { label: 'Import fMRI…', kind: 'action', path: '/data?action=import' },
  { label: 'Import movie…', kind: 'action', path: '/movies?action=import' },
  { label: 'Import model…', kind: 'action', path: '/models?action=import' },
  { label: 'Extract activations…', kind: 'action', path: '/models?action=extract' },
  { label: 'Train an embedding…', kind: 'action', path: '/embedding?action=train' },
  { label: 'Import FBNs…', kind: 'action', path: '/embedding?action=other' },
  { label: 'Group ICA…', kind: 'action', path: '/embedding?action=other' },
  { label: 'Find moved files…', kind: 'action', path: '/overview?action=relink' },
  { label: 'Couple…', kind: 'action', path: '/coupling?action=couple' },
  { label: 'Import terms…', kind: 'action', path: '/semantics?action=import-terms' },
  { label: 'Import labels…', kind: 'action', path: '/semantics?action=import-labels' },
  { label: 'Find pictures of filters…', kind: 'action', path: '/semantics?action=find-pictures' },
  { label: 'Dissect a layer…', kind: 'action', path: '/semantics?action=dissect' },
  { label: 'Curate: change many pairs…', kind: 'action', path: '/curate?action=bulk' },
  { label: 'Curate: tags…', kind: 'action', path: '/curate?action=tags' },
  { label: 'Curate: saved filters…', kind: 'action', path: '/curate?action=filters' },
  { label: 'Curate: agreement of two raters…', kind: 'action', path: '/curate?action=agreement' },
  { label: 'Curate: export, import, merge annotations…', kind: 'action', path: '/curate?action=exchange' },
  { label: 'Curate: carry annotations over from another embedding…', kind: 'action', path: '/curate?action=carry' },
  { label: 'Curate: keys…', kind: 'action', path: '/curate?action=keys' },
];

/** Everything of a project that has a name. Filters are too many to list: they are found by what is typed. */
export function listFound(info: ProjectInfo, models: readonly ModelView[], words?: WordsView): Found[] {
  const embedding = info.embeddings.findLast(({ state }) => state === 'complete');
  const fbns = Array.from({ length: embedding?.fbns ?? 0 }, (_, fbn) => `/fbns/${embedding!.id}/${fbn}`);
  return [
    ...screens.map(({ name, title }): Found => ({ label: title, kind: 'screen', path: `/${name}` })),
    ...actions,
    ...models.map(({ id, name }): Found => ({ label: name, kind: 'model', path: `/models/${id}` })),
    ...info.subjects.map(({ name }): Found => ({
      label: name,
      kind: 'subject',
      path: `/data?subject=${encodeURIComponent(name)}`,
    })),
    ...info.movieRuns.map(({ name }): Found => ({ label: name, kind: 'movie run', path: '/movies' })),
    ...fbns.map((path, fbn): Found => ({ label: `FBN ${fbn}`, kind: 'FBN', path })),
    ...(words?.labels ?? []).map(({ label }): Found => ({
      ...{ label, kind: 'label' },
      path: `/semantics/filters?label=${encodeURIComponent(label)}`,
    })),
    ...(words?.terms ?? []).map(({ term, title, vocabulary }): Found => ({
      ...{ label: title, kind: 'term' },
      path: `/semantics/terms?vocabulary=${encodeURIComponent(vocabulary)}&term=${encodeURIComponent(term)}`,
    })),
  ];
}

/**
 * What is called as typed: all words somewhere in kind and label, those that begin so first. A number alone, or after the name of a
 * layer, finds a filter too.
 */
export function search(
  all: readonly Found[],
  { models, couplings }: { models: readonly ModelView[]; couplings: readonly CouplingView[] },
  typed: string,
  most = 50,
): Found[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const filter = words.length > 0 ? placeOfFilter(models, typed) : undefined;
  const text = ({ kind, label }: Found) => `${kind} ${label}`.toLowerCase();
  const fits = all.filter((one) => words.every((word) => text(one).includes(word)));
  const rank = (one: Found) => (one.label.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1) + (isExact(one, words) ? -2 : 0);
  const found = fits.map((one, place) => ({ one, place })).sort((a, b) => rank(a.one) - rank(b.one) || a.place - b.place);
  const filters = filter ? findFilter(filter, couplings) : [];
  return [...found.map(({ one }) => one).slice(0, most), ...filters];
}

/** A filter can be looked into, and be seen among the pairs of its layer where there are any. */
function findFilter({ model, layer, layerName, filter }: FilterPlace, couplings: readonly CouplingView[]): Found[] {
  const label = `${layerName} · filter ${filter}`;
  const own = couplings.filter(({ layerId }) => layerId === layer);
  const coupling = own.findLast(({ direction }) => direction === 'filter-to-fbn') ?? own.at(-1);
  const pairs = coupling && `/coupling/${coupling.id}?pairs=${encodeURIComponent(`filter ${filter}`)}`;
  return [
    { label, kind: 'filter', path: `/models/${model}/${layer}/${filter}` },
    ...(pairs ? [{ label: `pairs of ${label}`, kind: 'filter', path: pairs } as const] : []),
  ];
}

function isExact({ label }: Found, words: readonly string[]): boolean {
  return label.toLowerCase() === words.join(' ') || label.toLowerCase().split(' ').at(-1) === words.at(-1);
}
