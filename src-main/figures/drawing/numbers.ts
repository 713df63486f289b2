/** With a minus sign that is as wide as a digit. */
export function signed(value: number, decimals: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(decimals)}`;
}

/** A p-value after the letter: "< 0.001", "= 0.012". */
export function afterP(p: number): string {
  return p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`;
}
