/** How two words agree: they share a lemma, a list of related words holds them, or neither. Never more than a hint. */
export type Agreement = 'same word' | 'related' | null;

/** Other words by a word, all as lemmas. */
export type RelatedWords = ReadonlyMap<string, ReadonlySet<string>>;

/** Words that say nothing of what a phrase is about. */
const FILLERS = new Set(['a', 'an', 'and', 'of', 'the', 'in', 'on', 'or', 'with', 'to', 'for']);

/**
 * The plain form of an English word, by its ending alone: "faces" and "face", "buildings" and "building". No dictionary: forms that
 * change inside ("feet") stay apart.
 */
export function lemmaOf(word: string): string {
  const plain = word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  if (plain.length > 4 && plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  if (plain.length > 4 && /(?:ss|x|ch|sh)es$/.test(plain)) return plain.slice(0, -2);
  if (plain.length > 3 && /[^su]s$/.test(plain)) return plain.slice(0, -1);
  return plain;
}

/** The lemmas of a phrase: "6_auditory_speech_temporal" has three, "street-s" of Broden one. */
export function lemmasOf(phrase: string): string[] {
  const words = phrase
    .replace(/^\d+_/, '')
    .replace(/-[sc]$/, '')
    .split(/[\s_\-/,()]+/)
    .map(lemmaOf);
  return words.filter((word) => word !== '' && !FILLERS.has(word) && !/^\d+$/.test(word));
}

/** How the words for an FBN and those for a filter agree. */
export function agreementOf(fbnWords: readonly string[], filterWords: readonly string[], related: RelatedWords): Agreement {
  const own = new Set(fbnWords.flatMap(lemmasOf));
  const others = filterWords.flatMap(lemmasOf);
  if (others.some((lemma) => own.has(lemma))) return 'same word';
  const isRelated = (a: string, b: string) => related.get(a)?.has(b) || related.get(b)?.has(a);
  return others.some((other) => [...own].some((lemma) => isRelated(lemma, other))) ? 'related' : null;
}

/** A link between a word on either side, with the pairs that make it. */
export interface WordLink {
  term: string;
  label: string;
  pairs: number;
}

/** How often each term meets each label over pairs, most often first. */
export function countLinks(pairs: readonly { term: string | null; label: string | null }[]): WordLink[] {
  const links = new Map<string, WordLink>();
  for (const { term, label } of pairs) {
    if (term === null || label === null) continue;
    const key = JSON.stringify([term, label]);
    const link = links.get(key) ?? { term, label, pairs: 0 };
    link.pairs++;
    links.set(key, link);
  }
  return [...links.values()].sort((a, b) => b.pairs - a.pairs || (a.term < b.term ? -1 : 1));
}
