import { expect, test } from 'vitest';
import { guessKind } from '../../../src-main/semantics/words/word-kinds';

test.each([
  ['amygdala', 'anatomical'],
  ['superior temporal', 'anatomical'],
  ['primary visual', 'functional'],
  ['navigation', 'functional'],
  ['face recognition', 'functional'],
  ['working memory', 'functional'],
  ['schizophrenia', 'clinical'],
  ['healthy controls', 'clinical'],
  ['15 healthy', 'blocked'],
  ['001', 'blocked'],
  ['fmri', 'method'],
  ['6_auditory_speech_temporal', 'functional'],
  ['3_cortex_anterior_cingulate', 'anatomical'],
  ['22_method_group_approach', 'method'],
  ['49_depression_mdd_state', 'clinical'],
  ['17_motor_cortex_hand', 'functional'],
])('%s is %s', (term, kind) => expect(guessKind(term)).toBe(kind));
