import type { Command } from 'commander';
import { UserError } from '../../../../src-preload/shared/domain/errors';
import { withProjectReadOnly } from '../../../api/application';
import { exportClip } from '../../../api/export/clip';
import { addCommand, parseCount, parseNumber, parsePath, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { toolContext } from '../tool-context';

interface Options {
  json?: boolean;
  out: string;
  fbn?: number;
  model?: string;
  layer?: string;
  filter?: number;
  run?: string;
  from?: number;
  to?: number;
  embedding?: number;
  withFrames?: boolean;
}

export function addClipCommand(program: Command): void {
  addCommand(
    program,
    'clip <dir>',
    'a video of the movie with a pair’s map and activations',
    'Writes a stretch of a movie run as a video: the movie beside the FBN’s map, beneath them the activations of FBN and filter with a\n' +
      'cursor that goes along. The movie is blurred unless --with-frames is given: its makers hold the rights. There is no sound.\n' +
      'Without a pair it is the best one; its parts go together: --fbn, --model, --layer, --filter, --run.',
  )
    .requiredOption('--out <file>', 'where to write: .mp4 or .webm', parsePath)
    .option('--fbn <n>', 'the FBN, counted from 0', parseSeed)
    .option('--model <name>', 'the model')
    .option('--layer <name>', 'its layer')
    .option('--filter <n>', 'the filter, counted from 0', parseSeed)
    .option('--run <name>', 'the movie run')
    .option('--from <seconds>', 'where the stretch begins in the run (default: 0)', parseNumber)
    .option('--to <seconds>', 'where it ends (default: a minute on)', parseNumber)
    .option('--embedding <id>', 'which embedding (default: the newest coupled one)', parseCount)
    .option('--with-frames', 'show the movie as it is')
    .action((folder: string, options: Options) =>
      runCommand(options.json ?? false, async (context) => {
        const { embedding, from, to, withFrames = false } = options;
        const choice = { embedding, pair: pairOf(options), fromSeconds: from, toSeconds: to, withFrames };
        const made = await withProjectReadOnly(folder, (project) =>
          exportClip(project, options.out, choice, toolContext(context)),
        );
        const size = `${(made.bytes / 2 ** 20).toFixed(1)} MiB`;
        return { json: made, text: `${made.file}: ${made.seconds} s, ${size}${withFrames ? '' : ', the movie blurred'}` };
      }),
    );
}

function pairOf({ fbn, model, layer, filter, run: movieRun }: Options) {
  const parts = [fbn, model, layer, filter, movieRun].filter((part) => part !== undefined).length;
  if (parts === 0) return undefined;
  if (fbn !== undefined && model !== undefined && layer !== undefined && filter !== undefined && movieRun !== undefined)
    return { fbn, model, layer, filter, movieRun };
  throw new UserError({
    code: 'setting-invalid',
    what: 'a pair is not named in full',
    expected: '--fbn, --model, --layer, --filter and --run',
    found: `${parts} of the five`,
    remedy: '`syncact report DIR --table pairs` lists the pairs',
  });
}
