import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { UserError } from '../../src-preload/shared/domain/errors';
import { ACTIVATION_ENDINGS } from '../embedding/maps/activation-files';
import { naturalOrder } from '../fmri/bids-names';
import type { NiftiHeader } from '../fmri/nifti/header';
import { readNiftiHeader } from '../fmri/nifti/read';

/** Where MELODIC keeps its maps, seen from the folder that people name. */
const MELODIC_MAPS = ['', 'groupmelodic.ica', 'filtered_func_data.ica'].flatMap((folder) =>
  ['melodic_IC.nii.gz', 'melodic_IC.nii'].map((file) => join(folder, file)),
);
/** What dual_regression of FSL calls the activations of its inputs, counted from 0. */
const DUAL_REGRESSION = /^dr_stage1_subject(\d+)\.txt$/;

/** FBN maps made elsewhere, as found. */
export interface ExternalMaps {
  file: string;
  header: NiftiHeader;
  /** What made them, by names: "MELODIC". */
  method: string;
}

/**
 * The maps that a path stands for: a 4D image, an output folder of MELODIC, or a folder with one 4D image in it.
 * @throws UserError where there is none, or more than one
 */
export async function findMaps(path: string): Promise<ExternalMaps> {
  const file = statSync(path).isDirectory() ? await mapsInFolder(path) : path;
  const header = await readNiftiHeader(file);
  if (header.volumes < 2) {
    throw new UserError({
      code: 'file-kind',
      what: 'this image holds no FBN maps',
      file,
      expected: 'a 4D image, one FBN per volume',
      found: `${header.volumes} volume`,
    });
  }
  return { file, header, method: methodOf(file) };
}

function methodOf(file: string): string {
  if (/melodic_IC/.test(file)) return 'MELODIC';
  if (/canica/i.test(file)) return 'CanICA';
  return /dict.?learn/i.test(file) ? 'DictLearning' : 'maps';
}

async function mapsInFolder(folder: string): Promise<string> {
  const melodic = MELODIC_MAPS.map((file) => join(folder, file)).find((file) => existsSync(file));
  if (melodic) return melodic;
  const images = readdirSync(folder).filter((name) => /\.nii(\.gz)?$/i.test(name));
  const maps: string[] = [];
  for (const name of images) {
    const header = await readNiftiHeader(join(folder, name)).catch(() => undefined);
    if (header && header.volumes > 1) maps.push(name);
  }
  if (maps.length === 1) return join(folder, maps[0]!);
  throw new UserError({
    code: 'ambiguous',
    what: 'cannot tell which image holds the FBN maps',
    file: folder,
    expected: 'melodic_IC.nii.gz, or one 4D NIfTI image',
    found: maps.length === 0 ? 'none' : maps.slice(0, 5).join(', '),
    remedy: 'name the image itself',
  });
}

/** Files that hold activations, in natural order: those named, and those in folders named. @throws UserError for an empty folder */
export function listActivationFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    // One that is not there is told when it is read, after the others.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
    const names = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    const ofRegression = names.filter((name) => DUAL_REGRESSION.test(name));
    const tables = names.filter((name) => (ACTIVATION_ENDINGS as readonly string[]).includes(extname(name).toLowerCase()));
    const chosen =
      ofRegression.length > 0 ? ofRegression : tables.filter((name) => extname(name) !== '' || name === 'melodic_mix');
    if (chosen.length > 0) return chosen.sort(naturalOrder).map((name) => join(path, name));
    const expected = 'dr_stage1_subject00000.txt …, or .tsv, .csv, .npy or .npz files';
    throw new UserError({
      code: 'file-kind',
      what: 'there are no activations in this folder',
      file: path,
      expected,
      found: 'none',
    });
  });
}

/** What a folder of maps has beside them: the output of dual_regression. */
export function activationsBeside(maps: string): string[] {
  if (!existsSync(maps) || !statSync(maps).isDirectory()) return [];
  return readdirSync(maps).some((name) => DUAL_REGRESSION.test(name)) ? listActivationFiles([maps]) : [];
}

/** Place of an input of dual_regression, from 0; undefined for other files. */
export function regressionPlace(file: string): number | undefined {
  const number = DUAL_REGRESSION.exec(basename(file))?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * The images that dual_regression was given, by place, from the commands that it keeps beside its results (scripts+logs/drA);
 * undefined where they are not there.
 */
export function regressionInputs(folder: string): Map<number, string> | undefined {
  const commands = join(folder, 'scripts+logs', 'drA');
  if (!existsSync(commands)) return undefined;
  const found = readFileSync(commands, 'utf8').matchAll(/fsl_glm\s+-i\s+(\S+)\s[^;\n]*?-o\s+\S*dr_stage1_subject(\d+)/g);
  return new Map([...found].map(([, image, place]) => [Number(place), image!]));
}
