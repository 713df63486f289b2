import type { Command } from 'commander';
import { readNiftiInfo, resampleFile } from '../../../api/tools';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { addCommand, parsePath, parsePositive } from '../options';
import { runCommand } from '../run-command';
import { toolContext } from '../tool-context';

export function addFileCommands(program: Command): void {
  addCommand(
    program,
    'nifti-info <file>',
    'what a NIfTI file holds',
    'Shows shape, affine, voxel sizes, units, byte order, data type and TR, and reads the file to its end to see that it is whole.',
  )
    .option('--header-only', 'do not read the data')
    .action((file: string, options: { json?: boolean; headerOnly?: boolean }) =>
      runCommand(options.json ?? false, async (context) => {
        const info = await readNiftiInfo({ file: parsePath(file), verifyData: !options.headerOnly }, toolContext(context));
        const { shape, zooms, units, affine, dtype, endianness, qformCode, sformCode, trSeconds, warnings } = info;
        const lines = [
          `shape       ${shape.join(' × ')}`,
          `voxel size  ${zooms.map((size) => Number(size.toPrecision(6))).join(' × ')} (${units.join(', ')})`,
          `affine      ${affine.map((row) => row.map((value) => value.toFixed(3).padStart(9)).join(' ')).join('\n            ')}`,
          `data type   ${dtype}, ${endianness === '<' ? 'little' : 'big'}-endian`,
          `forms       qform ${qformCode}, sform ${sformCode}`,
          `TR          ${trSeconds === null ? 'unknown' : `${trSeconds} s`}`,
          ...warnings.map((warning) => `warning     ${warning}`),
        ];
        return { json: info, text: lines.map((line) => `${line}\n`).join('') };
      }),
    );

  addCommand(
    program,
    'resample <file> <out>',
    'bring a NIfTI file to another grid',
    'Resamples a 3D or 4D file by its affine, trilinear, to the grid of another file or to the MNI grid at a voxel size.',
  )
    .option('--like <file>', 'the file whose grid to take', parsePath)
    .option('--voxel-mm <mm>', 'MNI152 grid at this voxel size (4: 45 × 54 × 45)', parsePositive)
    .option('--anti-alias', 'smooth before going to larger voxels')
    .action((file: string, out: string, options: { json?: boolean; like?: string; voxelMm?: number; antiAlias?: boolean }) =>
      runCommand(options.json ?? false, async (context) => {
        const { like, voxelMm } = options;
        if ((like === undefined) === (voxelMm === undefined)) {
          throw new UserError({
            code: 'setting-invalid',
            what: 'resample needs one target',
            expected: 'either --like FILE or --voxel-mm SIZE',
          });
        }
        const grid = like !== undefined ? { like } : { voxelMm: voxelMm! };
        const input = { source: parsePath(file), output: parsePath(out), grid, antiAlias: options.antiAlias ?? false };
        const result = await resampleFile(input, toolContext(context));
        return { json: result, text: `wrote ${out}: ${result.shape.join(' × ')}\n` };
      }),
    );
}
