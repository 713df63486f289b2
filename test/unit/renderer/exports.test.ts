import { expect, test } from 'vitest';
import { exportInput } from '../../../src-preload/shared/contract/report';
import { exportForms, withEnding } from '../../../src-renderer/features/report/exports';

test('every form of export is one that the host takes, a folder where it has no ending', () => {
  for (const { as, ending } of exportForms) {
    const place = ending === undefined ? { folder: '/out' } : { file: '/out' };
    expect(exportInput.safeParse({ as, ...place }), as).toMatchObject({ success: true });
  }
});

test('frames are blurred and clips are too unless it is said', () => {
  expect(exportInput.parse({ as: 'html', file: '/a.html' })).toMatchObject({ frames: 'blur' });
  expect(exportInput.parse({ as: 'clip', file: '/a.mp4' })).toMatchObject({ withFrames: false });
});

test('a path gets the ending of its form where there is only one', () => {
  expect(withEnding('/a/report', { extensions: ['html'] })).toBe('/a/report.html');
  expect(withEnding('/a/report.HTML', { extensions: ['html'] })).toBe('/a/report.HTML');
  expect(withEnding('/a/table', { extensions: ['csv', 'tsv'] })).toBe('/a/table');
  expect(withEnding('/a/folder', {})).toBe('/a/folder');
});
