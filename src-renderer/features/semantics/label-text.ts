/** A label as it is read: Broden marks scenes with "-s", colours with "-c", and writes "_" for a space. */
export function titleOfLabel(label: string): string {
  return label === '' ? 'no label' : label.replace(/-[sc]$/, '').replaceAll('_', ' ');
}
