import { expect, test } from 'vitest';
import { commonFolders, namesBelow, placesBelow } from '../../../src-main/api/source-places';

test.each([
  ['/data', '/data/bids/a.nii', ['bids', 'a.nii']],
  ['/data/', '/data/a.nii', ['a.nii']],
  ['/data//bids/./', '/data/bids/a.nii', ['a.nii']],
  ['/', '/data/a.nii', ['data', 'a.nii']],
  ['/data/a.nii', '/data/a.nii', []],
  ['/data/a', '/data/a.nii', undefined],
  ['/data/bids', '/data/a.nii', undefined],
  ['/Data', '/data/a.nii', undefined],
  ['/data', '/data/../etc/passwd', undefined],
  // A backslash is part of a name here.
  ['/data', '/data/odd\\name.nii', ['odd\\name.nii']],
  ['C:\\data', 'C:\\data\\bids\\a.nii', ['bids', 'a.nii']],
  ['c:/Data/', 'C:\\data\\bids/a.nii', ['bids', 'a.nii']],
  ['C:\\', 'C:\\a.nii', ['a.nii']],
  ['D:\\data', 'C:\\data\\a.nii', undefined],
  ['\\\\server\\share', '\\\\server\\share\\a.nii', ['a.nii']],
  ['\\\\other\\share', '\\\\server\\share\\a.nii', undefined],
  ['/data', 'C:\\data\\a.nii', undefined],
])('the names that lead from %s to %s', (folder, path, names) => {
  expect(namesBelow(folder, path)).toEqual(names);
});

test('a source that was named itself may be at the new path, or in the folder there', () => {
  expect(placesBelow('/new', '/old/a/b.nii', ['a', 'b.nii'])).toEqual(['/new/a/b.nii']);
  expect(placesBelow('/new', 'C:\\old\\b.nii', [])).toEqual(['/new', '/new/b.nii']);
});

test('folders that hold what is missing: all of it, and its parts where they are few', () => {
  expect(commonFolders([])).toEqual([]);
  expect(commonFolders(['/data/a.nii'])).toEqual([{ folder: '/data', sources: 1 }]);
  expect(commonFolders(['/data/bids/s1/a', '/data/bids/s2/a', '/data/net.onnx'])).toEqual([
    { folder: '/data', sources: 3 },
    { folder: '/data/bids', sources: 2 },
  ]);
  const subjects = Array.from({ length: 700 }, (_, i) => `/data/bids/sub-${i}/func/a.nii.gz`);
  expect(commonFolders(subjects)).toEqual([{ folder: '/data/bids', sources: 700 }]);
  // A whole disk is no folder that anything was moved from.
  expect(commonFolders([...subjects, '/media/stick/net.onnx'])).toEqual([
    { folder: '/data/bids', sources: 700 },
    { folder: '/media/stick', sources: 1 },
  ]);
  expect(commonFolders(['C:\\data\\a.nii', 'c:\\data\\b\\c.nii', 'D:\\net.onnx', '/x/y'])).toEqual([
    { folder: 'C:\\data', sources: 2 },
    { folder: '/x', sources: 1 },
    { folder: 'D:\\', sources: 1 },
    { folder: 'c:\\data\\b', sources: 1 },
  ]);
});
