import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { figureKinds, type FigureSpecInput } from '../../../../src-preload/shared/contract/figures';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { withProjectReadOnly } from '../../../api/application';
import { parseFigureSpec, writeFigure } from '../../../api/figures/make-figure';
import { addCommand, given, parseCount, parsePath, parsePositive } from '../options';
import { runCommand } from '../run-command';
import { toolContext } from '../tool-context';

interface Options {
  json?: boolean;
  out: string;
  kind?: string;
  spec?: string;
  set?: string[];
  best?: number;
  width?: number;
  dpi?: number;
  embedding?: number;
  frames?: string;
  template?: string;
}

export function addFigureCommand(program: Command): void {
  addCommand(
    program,
    'figure <dir>',
    'a figure for print: SVG, PDF or PNG',
    'Draws a figure from what the project holds. The ending of --out says the format. What it was made from is kept inside the file.\n' +
      '  pairs              FBN map and terms | both activations | frames, label and images of the filter; a row per pair\n' +
      '  atlas              all FBNs as mosaics of axial cuts\n' +
      '  comparison         matched FBNs of two embeddings or more side by side (--set embeddings=[1,2])\n' +
      '  matrix             mean r by model, layer and movie run\n' +
      '  regression         mean r over ImageNet top-1, a panel per movie run\n' +
      '  ablation           metrics of pairs by embedding, as in Table 4\n' +
      '  null-distribution  observed r of pairs on the null of the maximum, a panel per pair\n' +
      '  hierarchy          depth of layers by FBN, as `syncact compare` found\n' +
      '  calibration        how often chance pairs are called significant: in the nulls of the project, or in a study (--set study=FILE)\n' +
      'A JSON file given by --spec holds every setting; the other options go before what it says. Frames of a movie are blurred unless\n' +
      '--frames show is given.',
  )
    .requiredOption('--out <file>', 'where to write: .svg, .pdf or .png', parsePath)
    .addOption(new Option('--kind <name>', 'which figure').choices(figureKinds))
    .option('--spec <file>', 'a JSON file that says all of the figure', parsePath)
    .option('--best <n>', 'pairs, comparison, null-distribution: how many of the best', parseCount)
    .option('--width <mm>', 'on paper, in mm (89: one column, 183: two)', parsePositive)
    .option('--dpi <n>', 'of pictures inside it, and of PNG', parseCount)
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--template <file>', 'a NIfTI image to draw maps on, such as MNI152 (default: the mean of the runs)', parsePath)
    .addOption(new Option('--frames <how>', 'pairs: frames of the movie').choices(['drop', 'blur', 'show']))
    .option('--set <name=value...>', 'any other setting, such as threshold=0.5 (docs/figures.md)')
    .action((folder: string, options: Options) =>
      runCommand(options.json ?? false, async (context) => {
        const spec = parseFigureSpec(await readSpec(options), options.spec);
        const made = await withProjectReadOnly(folder, (project) =>
          writeFigure(project, spec, options.out, toolContext(context)),
        );
        const { file, bytes, widthMm, heightMm } = made;
        return { json: { ...made, spec }, text: `${file}: ${widthMm} × ${heightMm} mm, ${Math.ceil(bytes / 1024)} KiB` };
      }),
    );
}

async function readSpec({
  kind,
  spec,
  set = [],
  best,
  width,
  dpi,
  embedding,
  frames,
  template,
}: Options): Promise<FigureSpecInput> {
  const written = spec === undefined ? {} : ((await readJson(spec)) as object);
  const settings = Object.fromEntries(set.map(parseSetting));
  return {
    ...written,
    ...given({ kind, best, widthMm: width, dpi, embedding, frames, template }),
    ...settings,
  } as FigureSpecInput;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (caught) {
    throw new UserError(
      {
        code: 'file-kind',
        what: 'the figure is not JSON',
        file,
        found: (caught as Error).message,
        remedy: 'mend it or export it again',
      },
      { cause: caught },
    );
  }
}

/** "threshold=0.5", "glass=true", "title=My figure". */
function parseSetting(text: string): [string, unknown] {
  const at = text.indexOf('=');
  if (at < 1) throw new UserError({ code: 'setting-invalid', what: 'bad --set', expected: 'name=value', found: text });
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value)];
  } catch {
    return [text.slice(0, at), value];
  }
}
