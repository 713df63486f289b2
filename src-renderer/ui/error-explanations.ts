import text from '../../docs/errors.md?raw';
import { parseExplanations, withoutLinks } from '../../src-preload/shared/domain/error-codes';

/** Every code of an error with its explanation, as docs/errors.md has them: they are part of the window, and need no network. */
export const explanations = parseExplanations(text);

/** A piece of an explanation: plain, `code` or *emphasis*. */
export interface TextPart {
  kind: 'text' | 'code' | 'em';
  text: string;
}

/** Splits an explanation at what is marked in it; of links their words stay. */
export function splitText(line: string): TextPart[] {
  return withoutLinks(line)
    .split(/(`[^`]+`|\*[^*]+\*)/)
    .filter((part) => part !== '')
    .map((part): TextPart => {
      if (part.startsWith('`')) return { kind: 'code', text: part.slice(1, -1) };
      return part.startsWith('*') ? { kind: 'em', text: part.slice(1, -1) } : { kind: 'text', text: part };
    });
}
