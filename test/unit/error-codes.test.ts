import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, parseExplanations } from '../../src-preload/shared/domain/error-codes';
import {
  CancelledError,
  codeOfError,
  errorLine,
  fromErrorReport,
  KnownFault,
  toErrorReport,
  UserError,
} from '../../src-preload/shared/domain/errors';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const explanations = parseExplanations(text);

describe('codes and their explanations', () => {
  test('every code is explained, once, and nothing else is', () => {
    expect(explanations.map(({ code }) => code).toSorted()).toEqual([...errorCodes].toSorted());
    expect(new Set(errorCodes).size).toBe(errorCodes.length);
  });

  test('each says what it means, its causes and what to do', () => {
    for (const explanation of explanations) {
      expect(explanation.code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      for (const part of ['meaning', 'causes', 'remedy'] as const)
        expect([explanation.code, part, explanation[part]]).toEqual([
          explanation.code,
          part,
          expect.stringMatching(/^[^*\s].{9,}\.$/),
        ]);
      expect(explanation.remedy).not.toContain('**');
    }
  });

  test('every code is given somewhere in the program, and what is given is a code', () => {
    const sources = ['src-main', 'src-preload', 'src-renderer'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|vue)$/.test(name) && !name.endsWith('error-codes.ts'))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    );
    const all = sources.join('\n');
    expect(errorCodes.filter((code) => !all.includes(`'${code}'`))).toEqual([]);
    const given = [...all.matchAll(/Error\(\{\s*code: '([^']+)'/g)].map(([, code]) => code!);
    expect(given.length).toBeGreaterThan(300);
    expect(given.filter((code) => !errorCodes.some((known) => known === code))).toEqual([]);
  });
});

test('a code goes through the boundary between processes, and stands at the end of the line', () => {
  const cases = [
    [
      new UserError({ code: 'file-damaged', what: 'cut short', file: 'a.nii' }),
      'file-damaged',
      'cut short: a.nii [file-damaged]',
    ],
    [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'disk-full', /the disk is full.* \[disk-full\]$/],
    [new KnownFault('compute-ended', 'it was killed'), 'compute-ended', 'it was killed [compute-ended]'],
    [new TypeError('x of undefined'), 'program-fault', 'x of undefined [program-fault]'],
    [new CancelledError(), 'cancelled', 'cancelled [cancelled]'],
  ] as const;
  for (const [error, code, line] of cases) {
    const report = toErrorReport(error);
    expect(codeOfError(fromErrorReport(JSON.parse(JSON.stringify(report)) as typeof report))).toBe(code);
    expect(errorLine(report)).toEqual(typeof line === 'string' ? line : expect.stringMatching(line));
  }
});

test('errors that were kept before there were codes are read as they are', () => {
  expect(codeOfError(fromErrorReport(JSON.parse('{"kind":"user","details":{"what":"no"}}')))).toBeUndefined();
  expect(codeOfError(fromErrorReport(JSON.parse('{"kind":"fault","message":"x"}')))).toBe('program-fault');
});
