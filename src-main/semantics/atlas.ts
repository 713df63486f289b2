import { readFileSync } from 'node:fs';
import { UserError } from '../../src-preload/shared/domain/errors';
import { invertAffine } from '../fmri/affine';
import { readSingleVolume } from '../fmri/nifti/read';

/** Names places of the brain by a volume of label numbers. */
export interface Atlas {
  /** @param mm MNI @returns null where there is no label */
  labelAt(mm: readonly [number, number, number]): string | null;
}

/**
 * Opens an atlas: a volume of whole numbers, and where there is one a table of their names (number and name, separated by a tab, a
 * comma or spaces, as FSL, AAL and FreeSurfer write them).
 * @throws UserError where the volume holds no label numbers
 */
export async function openAtlas(file: string, names?: string): Promise<Atlas> {
  const { header, values } = await readSingleVolume(file);
  if (!values.every((value) => Number.isInteger(value)) || !values.some((value) => value > 0)) {
    throw new UserError({
      code: 'file-kind',
      what: 'this is no volume of labels',
      file,
      expected: 'whole numbers, 0 where there is no label',
      found: 'other values',
      remedy: 'give the atlas’s labels, not its probabilities',
    });
  }
  const byNumber = names === undefined ? new Map<number, string>() : readNames(names);
  const { grid } = header;
  const toVoxel = invertAffine(grid.affine)!;
  return {
    labelAt([x, y, z]) {
      const index = [0, 4, 8].map((row) =>
        Math.round(toVoxel[row]! * x + toVoxel[row + 1]! * y + toVoxel[row + 2]! * z + toVoxel[row + 3]!),
      );
      if (index.some((place, axis) => place < 0 || place >= grid.shape[axis]!)) return null;
      const number = values[index[0]! + grid.shape[0] * (index[1]! + grid.shape[1] * index[2]!)]!;
      return number > 0 ? (byNumber.get(number) ?? `label ${number}`) : null;
    },
  };
}

function readNames(file: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of readFileSync(file, 'utf8').split(/\r?\n/)) {
    const match = /^\s*"?(\d+)"?[\s,;]+"?([^"\t,;]+?)"?\s*(?:[\t,;].*)?$/.exec(line);
    if (match) names.set(Number(match[1]), match[2]!.trim());
  }
  if (names.size > 0) return names;
  throw new UserError({
    code: 'file-content',
    what: 'the table of label names cannot be read',
    file,
    expected: 'lines of a number and a name',
    found: 'none',
  });
}
