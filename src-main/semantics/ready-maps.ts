import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';
import type { WorkContext } from '../../src-preload/shared/domain/work';
import type { Mask } from '../fmri/mask';
import { readSingleVolume } from '../fmri/nifti/read';
import { planResampling } from '../fmri/resample';
import { writeTermMaps } from './meta-analysis/term-map-file';

/** A map and the term it is of. */
export interface ReadyMap {
  term: string;
  file: string;
}

/** What neurosynth.org and its kin put behind the term in names of maps. */
const ENDING = /[_ -](association|uniformity|reverse|forward|specificity|consistency)[\w.-]*$/i;

/** The maps of a folder, by term: "working_memory_association-test_z.nii.gz" is of "working memory". */
export function findReadyMaps(folder: string): ReadyMap[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError({ code: 'file-missing', what: 'there is no such folder', file: folder, remedy: 'name a folder of maps' });
  const names = readdirSync(folder).filter((name) => /\.nii(\.gz)?$/i.test(name));
  if (names.length === 0) {
    throw new UserError({
      code: 'file-kind',
      what: 'the folder has no maps',
      file: folder,
      expected: 'NIfTI files named by their terms: "auditory.nii.gz"',
      found: 'no .nii or .nii.gz',
    });
  }
  const maps = names.sort().map((name) => ({ term: termOf(name), file: join(folder, name) }));
  const terms = new Map<string, string>();
  for (const { term, file } of maps) {
    const other = terms.get(term);
    if (other !== undefined)
      throw new UserError({
        code: 'duplicate',
        what: `two maps are of the term "${term}"`,
        file,
        found: other,
        remedy: 'keep one of them',
      });
    terms.set(term, file);
  }
  return maps;
}

function termOf(name: string): string {
  const stem = name.replace(/\.nii(\.gz)?$/i, '');
  return (stem.replace(ENDING, '') || stem).replaceAll('_', ' ').trim();
}

/** Brings ready maps to the voxels of a mask (trilinear) and writes them as one file, one map in memory at a time. */
export async function writeReadyMaps(maps: readonly ReadyMap[], mask: Mask, output: string, context: WorkContext): Promise<void> {
  async function* rows(): AsyncGenerator<Uint16Array> {
    for (const [index, { term, file }] of maps.entries()) {
      throwIfCancelled(context.signal);
      context.progress({ stage: `reading ${term}`, done: index, total: maps.length, unit: 'maps' });
      const { header, values } = await readSingleVolume(file, context.signal);
      const plan = planResampling(header.grid, mask.grid, mask.voxels);
      if (plan.outside === plan.length) {
        throw new UserError({
          code: 'does-not-fit',
          what: 'a term’s map does not overlap the brain mask',
          file,
          remedy: 'give maps in the space of the mask (MNI152)',
        });
      }
      for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = 0;
      const half = new Float16Array(plan.apply(values));
      yield new Uint16Array(half.buffer);
    }
  }
  await writeTermMaps(output, { terms: maps.map(({ term }) => term), mask, association: rows() });
}
