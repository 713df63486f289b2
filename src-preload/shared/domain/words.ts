/** What a term is a word for; blocked terms are left out of every ranking. */
export type WordKind = 'functional' | 'anatomical' | 'clinical' | 'method' | 'blocked';

export const wordKinds = ['functional', 'anatomical', 'clinical', 'method', 'blocked'] as const satisfies readonly WordKind[];
