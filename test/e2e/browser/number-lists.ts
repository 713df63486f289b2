/** Length of the longest array of numbers anywhere in a JSON text; 0 where it is no JSON. */
export function longestNumberList(text: string): number {
  try {
    return longest(JSON.parse(text));
  } catch {
    return 0;
  }
}

function longest(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((most: number, one) => Math.max(most, longest(one)), 0);
  const own = Array.isArray(value) ? value.filter((one) => typeof one === 'number').length : 0;
  return Math.max(own, inner);
}
