import type { Command } from 'commander';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { writeAnnotations } from '../../../api/annotations/commands';
import { withProjectReadOnly } from '../../../api/application';
import { exportBids } from '../../../api/export/bids';
import { exportNpz } from '../../../api/export/npz';
import { addCommand, parseCount, parsePath } from '../options';
import { runCommand } from '../run-command';
import { toolContext } from '../tool-context';

interface Options {
  json?: boolean;
  bids?: string;
  npz?: string;
  annotations?: string;
  embedding?: number;
  filters: boolean;
}

export function addExportCommand(program: Command): void {
  addCommand(
    program,
    'export <dir>',
    'what was found, for other programs: a BIDS derivative, arrays, annotations',
    'Writes what a project holds of an embedding for other programs. Nothing of the movie is among it.\n' +
      '  --bids         FBN maps (4D NIfTI), FBN and filter activations (tsv.gz), pairs and annotations (tsv), each with its JSON\n' +
      '  --npz          the same maps and activations as named arrays for NumPy\n' +
      '  --annotations  what was curated: .csv, .tsv, .json or .jsonl',
  )
    .option('--bids <folder>', 'a new folder', parsePath)
    .option('--npz <file>', 'an .npz file', parsePath)
    .option('--annotations <file>', 'its ending says the format', parsePath)
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--no-filters', 'leave the filters’ activations out')
    .action((folder: string, options: Options) =>
      runCommand(options.json ?? false, async (context) => {
        const { bids, npz, annotations, embedding, filters } = options;
        if (bids === undefined && npz === undefined && annotations === undefined)
          throw new UserError({ what: 'nothing to export', expected: '--bids FOLDER, --npz FILE or --annotations FILE' });
        return withProjectReadOnly(folder, async (project) => {
          const choice = { embedding, filters };
          const made = {
            ...(bids !== undefined && { bids: await exportBids(project, bids, choice, toolContext(context)) }),
            ...(npz !== undefined && { npz: await exportNpz(project, npz, choice, toolContext(context)) }),
            ...(annotations !== undefined && {
              annotations: await writeTo(annotations, (file) => writeAnnotations(project, file)),
            }),
          };
          return { json: made, text: describe(made) };
        });
      }),
    );
}

async function writeTo(file: string, write: (file: string) => Promise<void>): Promise<string> {
  await write(file);
  return file;
}

interface Made {
  bids?: { folder: string; files: string[] };
  npz?: { file: string; arrays: string[] };
  annotations?: string;
}

function describe({ bids, npz, annotations }: Made): string {
  return [bids && `${bids.folder}: ${bids.files.length} files`, npz && `${npz.file}: ${npz.arrays.length} arrays`, annotations]
    .filter(Boolean)
    .join('\n');
}
