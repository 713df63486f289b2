/** What a term is a word for; blocked terms are left out of every ranking. */
export type WordKind = 'functional' | 'anatomical' | 'clinical' | 'method' | 'blocked';

export const wordKinds = ['functional', 'anatomical', 'clinical', 'method', 'blocked'] as const satisfies readonly WordKind[];

/** A label as it is read: Broden marks scenes with "-s", colours with "-c", and writes "_" for a space. */
export function titleOfLabel(label: string): string {
  return label === '' ? 'no label' : label.replace(/-[sc]$/, '').replaceAll('_', ' ');
}
