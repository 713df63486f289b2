import { Option, type Command } from 'commander';
import { framesChoice, type FramesChoice } from '../../../../src-preload/shared/contract/report';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { writeAnnotations } from '../../../api/annotations/commands';
import { withProjectReadOnly } from '../../../api/application';
import { exportBids } from '../../../api/export/bids';
import { exportLatex } from '../../../api/export/latex';
import { exportNpz } from '../../../api/export/npz';
import { exportReport } from '../../../api/export/report';
import { addCommand, parseCount, parsePath } from '../options';
import { runCommand } from '../run-command';
import { toolContext } from '../tool-context';

interface Options {
  json?: boolean;
  bids?: string;
  npz?: string;
  annotations?: string;
  html?: string;
  pdf?: string;
  latex?: string;
  embedding?: number;
  filters: boolean;
  frames: FramesChoice;
}

export function addExportCommand(program: Command): void {
  addCommand(
    program,
    'export <dir>',
    'what was found, for others: a report, a BIDS derivative, arrays, annotations',
    'Writes what a project holds of an embedding for other people and programs. Each file appears whole or not at all.\n' +
      '  --html         a report in one file that needs no network: tables, figures, methods, and all maps and activations to look ' +
      'through; frames of the movie are blurred in it unless --frames says otherwise\n' +
      '  --pdf          the same on pages, with all maps in cuts; its text can be selected, its figures are vectors\n' +
      '  --latex        the tables alone, with captions, for \\input in an article that uses booktabs\n' +
      '  --bids         FBN maps (4D NIfTI), FBN and filter activations (tsv.gz), pairs and annotations (tsv), each with its JSON\n' +
      '  --npz          the same maps and activations as named arrays for NumPy\n' +
      '  --annotations  what was curated: .csv, .tsv, .json or .jsonl',
  )
    .option('--html <file>', 'an .html file', parsePath)
    .option('--pdf <file>', 'a .pdf file', parsePath)
    .option('--latex <file>', 'a .tex file', parsePath)
    .option('--bids <folder>', 'a new folder', parsePath)
    .option('--npz <file>', 'an .npz file', parsePath)
    .option('--annotations <file>', 'its ending says the format', parsePath)
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--no-filters', 'BIDS and arrays: leave the filters’ activations out')
    .addOption(
      new Option('--frames <how>', 'reports: frames of the movie, whose makers hold the rights')
        .choices(framesChoice.options)
        .default('blur'),
    )
    .action((folder: string, options: Options) =>
      runCommand(options.json ?? false, async (context) => {
        const { bids, npz, annotations, html, pdf, latex, embedding, filters, frames } = options;
        if ([bids, npz, annotations, html, pdf, latex].every((one) => one === undefined))
          throw new UserError({
            code: 'setting-invalid',
            what: 'nothing to export',
            expected: '--html FILE, --pdf FILE, --latex FILE, --bids FOLDER, --npz FILE or --annotations FILE',
          });
        return withProjectReadOnly(folder, async (project) => {
          const choice = { embedding, filters };
          const report = { embedding, frames };
          const made = {
            ...(html !== undefined && {
              html: await exportReport(project, { ...report, format: 'html', file: html }, toolContext(context)),
            }),
            ...(pdf !== undefined && {
              pdf: await exportReport(project, { ...report, format: 'pdf', file: pdf }, toolContext(context)),
            }),
            ...(latex !== undefined && { latex: await exportLatex(project, latex, { embedding }) }),
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
  html?: { file: string; bytes: number };
  pdf?: { file: string; bytes: number };
  latex?: { file: string; tables: string[] };
  bids?: { folder: string; files: string[] };
  npz?: { file: string; arrays: string[] };
  annotations?: string;
}

function describe({ html, pdf, latex, bids, npz, annotations }: Made): string {
  return [
    ...[html, pdf].map((report) => report && `${report.file}: ${(report.bytes / 2 ** 20).toFixed(1)} MiB`),
    latex && `${latex.file}: ${latex.tables.length} tables`,
    bids && `${bids.folder}: ${bids.files.length} files`,
    npz && `${npz.file}: ${npz.arrays.length} arrays`,
    annotations,
  ]
    .filter(Boolean)
    .join('\n');
}
