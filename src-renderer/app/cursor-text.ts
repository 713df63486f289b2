/** "5:12" or "312" seconds as seconds; undefined where it is neither. */
export function parseClock(text: string): number | undefined {
  const match = /^\s*(?:(\d+):)?(\d+(?:\.\d+)?)\s*s?\s*$/.exec(text);
  if (!match) return undefined;
  return Number(match[1] ?? 0) * 60 + Number(match[2]);
}

/** Seconds as mm:ss. */
export function formatClock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-9);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** "−42 −58 −12", "-42, -58, -12 mm": a coordinate in mm; undefined where it is none or outside of any head. */
export function parseMm(text: string): [number, number, number] | undefined {
  const numbers = text
    .replaceAll('−', '-')
    .replace(/mm|MNI/gi, '')
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.length !== 3 || numbers.some((value) => !Number.isFinite(value) || Math.abs(value) > 200)) return undefined;
  return numbers as [number, number, number];
}

/** A coordinate as it is shown, with real minus signs. */
export function formatMm(mm: readonly number[]): string {
  return mm.map((value) => String(Math.round(value)).replace('-', '−')).join(' ');
}
