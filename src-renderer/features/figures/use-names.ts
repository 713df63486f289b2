import { computed, type ComputedRef } from 'vue';
import { useRequest } from '../../composables/useRequest';
import type { NamedThings } from './settings';

/** The names of what a figure can be told to take. */
export function useNames(): ComputedRef<Record<NamedThings, string[]>> {
  const models = useRequest('models.list', () => ({}), ['models']);
  const vocabularies = useRequest('semantics.vocabularies', () => ({}), ['semantics']);
  const labelSets = useRequest('semantics.labelSets', () => ({}), ['semantics', 'models']);
  const imageSets = useRequest('semantics.imageSets', () => ({}), ['semantics', 'models']);
  const names = (list: readonly { name: string }[] | undefined) => (list ?? []).map(({ name }) => name);
  return computed(() => ({
    models: names(models.data.value),
    vocabularies: names(vocabularies.data.value),
    labelSets: names(labelSets.data.value),
    imageSets: names(imageSets.data.value),
  }));
}
