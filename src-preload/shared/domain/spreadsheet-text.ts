/** What a spreadsheet takes for the start of a formula, and the mark that hides one. */
const FORMULA = /^['=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * Text that a spreadsheet would run as a formula gets an apostrophe in front; so does text with an apostrophe there, so that
 * `showFormula` gives back exactly what was hidden.
 */
export function hideFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The inverse of hideFormula. */
export function showFormula(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
