/** What each normalisation subtracts and divides by where nothing else is said, in RGB order, in its own units. */
export const normalisations = {
  imagenet: { mean: '0.485, 0.456, 0.406', deviation: '0.229, 0.224, 0.225' },
  unit: { mean: '0, 0, 0', deviation: '1, 1, 1' },
  none: { mean: '0, 0, 0', deviation: '1, 1, 1' },
} as const;

export const normalisationOptions = [
  { value: 'imagenet', label: '0…1, ImageNet’s mean and SD' },
  { value: 'unit', label: '0…1' },
  { value: 'none', label: '0…255' },
] as const;

/** Three numbers as they are typed; empty where there are none. */
export function channelText(numbers: readonly number[] | undefined): string {
  return numbers?.join(', ') ?? '';
}

/** Reads three numbers, of red, green and blue. Neither numbers nor error: nothing was typed, the usual ones hold. */
export function channelNumbers(text: string, positive = false): { numbers: number[] | null; error: string | null } {
  if (text.trim() === '') return { numbers: null, error: null };
  const numbers = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.length !== 3 || !numbers.every(Number.isFinite)) return { numbers: null, error: 'three numbers: R, G, B' };
  if (positive && numbers.some((value) => value <= 0)) return { numbers: null, error: 'three numbers above 0' };
  return { numbers, error: null };
}
