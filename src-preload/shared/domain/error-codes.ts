/**
 * The kinds of errors, each explained in docs/errors.md under its name. A code stays what it is once it has been given out: people search
 * for it, and scripts act on it.
 */
const USER_ERROR_CODES = [
  'file-missing',
  'file-kind',
  'file-damaged',
  'file-changed',
  'file-content',
  'file-too-large',
  'file-refused',
  'file-rights',
  'disk-full',
  'disk-failure',
  'out-of-memory',
  'path-not-allowed',
  'target-occupied',
  'format-unknown',
  'project-missing',
  'project-not-open',
  'project-in-use',
  'project-version',
  'project-read-only',
  'database-damaged',
  'backup-missing',
  'annotation-unsaved',
  'annotation-refused',
  'not-found',
  'earlier-step-missing',
  'result-outdated',
  'duplicate',
  'ambiguous',
  'setting-invalid',
  'tr-unclear',
  'does-not-fit',
  'too-little-data',
  'not-finite',
  'model-unsuitable',
  'device-unavailable',
  'ffmpeg-failed',
  'nothing-to-do',
  'port-in-use',
  'request-refused',
] as const;
/** Faults of the program or of what it runs on, which nobody can mend by other input. */
const FAULT_CODES = ['program-fault', 'compute-ended', 'host-unreachable'] as const;

export type FaultCode = (typeof FAULT_CODES)[number];
export type ErrorCode = (typeof USER_ERROR_CODES)[number] | FaultCode | 'cancelled';

export const errorCodes: readonly ErrorCode[] = [...USER_ERROR_CODES, ...FAULT_CODES, 'cancelled'];

/** What docs/errors.md says of a code; texts may hold `code`, *emphasis* and [links](file.md). */
export interface ErrorExplanation {
  code: string;
  meaning: string;
  causes: string;
  remedy: string;
}

/** A text of docs/errors.md without its links: their words stay. */
export function withoutLinks(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1');
}

/** Reads docs/errors.md: a section for each code, with its meaning, its usual causes and what to do. @param text the file */
export function parseExplanations(text: string): ErrorExplanation[] {
  const [, ...sections] = text.split(/^## /m);
  return sections.map((section) => {
    const [code = '', ...paragraphs] = section.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
    const after = (title: string) =>
      paragraphs.find((paragraph) => paragraph.startsWith(`**${title}.** `))?.slice(title.length + 6) ?? '';
    return { code, meaning: paragraphs[0] ?? '', causes: after('Usual causes'), remedy: after('What to do') };
  });
}
