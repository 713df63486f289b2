import type { DecisionAction, PairIdentity } from '../../src-preload/shared/contract/annotations';
import type { Step } from './replay';

const nouns: Record<DecisionAction, string> = {
  ...{ accept: 'acceptance', reject: 'rejection', edit: 'edit', flag: 'flag', skip: 'skip', restore: 'restoration' },
  ...{ bulk: 'change', import: 'import', carry: 'carrying over' },
};

/** What a step is called where it can be taken back: "acceptance of FBN 3 – layer4 · 107", "change of 12 pairs". */
export function describeStep({ events }: Step): string {
  const [first] = events;
  if (!first) return 'nothing';
  if (first.kind === 'decision')
    return `${nouns[first.action]} of ${events.length === 1 ? describeIdentity(first.pair) : `${events.length} pairs`}`;
  if (first.kind === 'adjudication') return `adjudication of ${describeIdentity(first.pair)}`;
  if (first.kind === 'saved-filter') return `${first.filter ? 'saving' : 'removal'} of filter “${first.name}”`;
  const { change } = first;
  if (change.what === 'merge') return 'merging of two tags';
  return change.what === 'add' ? `tag “${change.name}”` : `renaming of tag “${change.from}” to “${change.name}”`;
}

export function describeIdentity({ fbn, layer, filter }: PairIdentity): string {
  return `FBN ${fbn} – ${layer} · ${filter}`;
}
