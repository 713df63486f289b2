import { expect, test } from 'vitest';
import { describeVariant, variantName } from '../../../src-preload/shared/domain/variant-name';

test('variants are written as the paper writes them, with what sets them apart', () => {
  expect(['lt', 'lt-lstm', 'lt-msa'].map(variantName)).toEqual(['LT', 'LT+LSTM', 'LT+MSA']);
  expect(describeVariant({ variant: 'lt', settings: { fbns: 64 } })).toBe('LT');
  expect(['external', 'group-ica', 'dictionary'].map(variantName)).toEqual(['External', 'Group ICA', 'Dictionary']);
  expect(describeVariant({ variant: 'external', settings: { name: 'melodic', activations: 'dual-regression' } })).toBe(
    'External, melodic, dual regression',
  );
  const settings = { heads: 1, residualNorm: true, positions: true };
  expect(describeVariant({ variant: 'lt-msa', settings })).toBe('LT+MSA, 1 head, norm, positions');
});
