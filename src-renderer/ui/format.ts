const dash = '–';
const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

/** A number with a fixed count of decimals; a dash where it is not known, a true minus sign. */
export function formatNumber(value: number | null | undefined, decimals: number): string {
  return known(value) ? value.toFixed(decimals).replace('-', '−') : dash;
}

/** A number with three significant digits, however small; a dash where it is not known. */
export function formatSignificant(value: number | null | undefined): string {
  if (!known(value)) return dash;
  if (value === 0) return '0';
  const decimals = Math.max(0, Math.min(12, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return formatNumber(value, decimals);
}

/** A correlation with 3 decimals. */
export function formatR(value: number | null | undefined): string {
  return formatNumber(value, 3);
}

/** A p-value with 3 decimals, `< 0.001` below that. */
export function formatP(value: number | null | undefined): string {
  return known(value) && value < 0.001 ? '< 0.001' : formatNumber(value, 3);
}

/** A whole number with thousands separated by commas. */
export function formatCount(value: number | null | undefined): string {
  return known(value) ? Math.round(value).toLocaleString('en-US') : dash;
}

/** Bytes in the largest unit of 1,024 that keeps it above 1. */
export function formatBytes(value: number | null | undefined): string {
  if (!known(value)) return dash;
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Seconds as m:ss, from an hour on as h:mm:ss. */
export function formatSeconds(value: number | null | undefined): string {
  if (!known(value)) return dash;
  const whole = Math.max(0, Math.round(value));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** An ISO date as `2025-11-12 14:03`, in local time. */
export function formatDate(value: string | null | undefined): string {
  const date = new Date(value ?? '');
  if (Number.isNaN(date.getTime())) return dash;
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Names without the beginning that all of them share, where that leaves something to tell them by: "…run-1". */
export function shortNames(names: readonly string[]): string[] {
  const [first = '', ...others] = names;
  let shared = 0;
  while (shared < first.length && others.every((name) => name[shared] === first[shared])) shared++;
  // A whole word stays: "task-movie_run-1" and "task-movie_run-2" are told apart by "run-1" and "run-2".
  const start = Math.max(first.lastIndexOf('_', shared - 1), first.lastIndexOf(' ', shared - 1)) + 1;
  return others.length === 0 || start < 4 ? [...names] : names.map((name) => `…${name.slice(start)}`);
}
