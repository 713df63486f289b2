import { UserError } from '../../src-preload/shared/domain/errors';

/** Where in the window a step of the method is done. */
export interface NextStep {
  label: string;
  path: string;
}

/** The screens in which the commands that remedies name are done. */
const steps: Readonly<Record<string, NextStep>> = {
  'import-fmri': { label: 'Import fMRI…', path: '/data?action=import' },
  'import-movie': { label: 'Import a movie…', path: '/movies?action=import' },
  'import-model': { label: 'Go to Models', path: '/models' },
  'import-terms': { label: 'Import terms…', path: '/semantics?action=import-terms' },
  extract: { label: 'Extract…', path: '/models?action=extract' },
  train: { label: 'Train an embedding', path: '/embedding?action=train' },
  couple: { label: 'Couple…', path: '/coupling?action=couple' },
  compare: { label: 'Go to Coupling', path: '/coupling' },
  analyse: { label: 'Go to Coupling', path: '/coupling' },
};

/** The screen for the step that an error says is missing or outdated; undefined where it names none. */
export function nextStep(error: Error | undefined): NextStep | undefined {
  if (!(error instanceof UserError)) return undefined;
  const { code, remedy = '' } = error.details;
  if (code !== 'earlier-step-missing' && code !== 'result-outdated') return undefined;
  const command = /["`]syncact ([a-z-]+)/.exec(remedy)?.[1];
  return command === undefined ? undefined : steps[command];
}
