import type { Command } from 'commander';
import type { CorrectionSummary } from '../../../../src-preload/shared/contract/corrections';
import { confoundNames, type Confound } from '../../../../src-preload/shared/domain/controls';
import {
  directionChoice,
  frameRuleChoice,
  modeChoice,
  nullChoice,
  reducerChoice,
  responseChoice,
} from '../../../../src-preload/shared/contract/job-inputs';
import type { JobOutput } from '../../../api/jobs';
import { addCommand, choiceOption, given, parseCount, parseConfounds, parseList, parseSecondsRange, parseSeed } from '../options';
import { runCommand } from '../run-command';
import { runJob, withOpenProject } from '../run-job';
import { formatColumns, formatSeconds } from '../terminal';

interface CoupleOptions {
  json?: boolean;
  embedding?: number;
  model?: string[];
  layers?: string[];
  runs?: string[];
  direction?: 'fbn-to-filter' | 'filter-to-fbn';
  mode?: 'paper' | 'corrected';
  null?: 'circular-shift' | 'phase' | 'subjects';
  samples?: number;
  seed?: number;
  reducer?: 'max' | 'mean' | 'norm2';
  framesOfTr?: 'last' | 'mean';
  without?: Confound[];
  hrf?: 'none' | 'canonical' | 'derivatives';
  lag?: { least: number; most: number };
}

const description =
  'Correlates FBN activations (averaged over the test subjects) with filter activations for every model, layer and movie run\n' +
  'extracted, and pairs every FBN with its best filter (fbn-to-filter) and every filter with its best FBN (filter-to-fbn).\n' +
  'Mode paper: t-test p with N − 2 degrees of freedom. It takes the best of many correlations between autocorrelated series for\n' +
  'a single one between independent samples, so its p are far too small: read them as the paper’s, not as evidence.\n' +
  'Mode corrected: beside it, p by a null of the maximum (never below 1/(n + 1)), its Benjamini–Hochberg q, a family-wise p, p\n' +
  'with the effective N of autocorrelated series, and mean r less what chance gives as many filters (count-matched, with z).\n' +
  'Nulls, made of the FBN activations:\n' +
  '  circular-shift  every shift around the run; exact (default)\n' +
  '  phase           random phases, the same power spectrum\n' +
  '  subjects        every subject shifted by itself, then averaged\n' +
  'Controls, none of them in the paper; what comes of them is kept beside what is without them:\n' +
  '  --without       confounds of the movie, regressed out of FBNs, filters and every null copy\n' +
  '  --hrf           filters convolved with the canonical haemodynamic response, its derivatives beside it\n' +
  '  --lag           filters delayed by every whole TR in the range, the best one chosen pair by pair, inside the null too';

export function addCoupleCommand(program: Command): void {
  addCommand(program, 'couple <dir>', 'correlate FBNs and filters, and pair them', description)
    .option('--embedding <id>', 'which embedding (default: the newest complete one)', parseCount)
    .option('--model <names>', 'only these models', parseList)
    .option('--layers <names>', 'only these layers', parseList)
    .option('--runs <names>', 'only these movie runs', parseList)
    .addOption(choiceOption('--direction <which>', 'one direction only (default: both)', directionChoice))
    .addOption(choiceOption('--mode <name>', 'statistics (default: paper)', modeChoice))
    .addOption(choiceOption('--null <name>', 'of mode corrected (default: circular-shift)', nullChoice))
    .option('--samples <n>', 'null copies drawn, where not all are taken (default: 999)', parseCount)
    .option('--seed <n>', 'they are drawn by (default: 0)', parseSeed)
    .addOption(choiceOption('--reducer <how>', 'which extracted activations (default: max)', reducerChoice))
    .addOption(choiceOption('--frames-of-tr <which>', 'which extracted activations: last (default) or mean', frameRuleChoice))
    .option(
      '--without <confounds>',
      `some of: ${confoundNames.join(', ')}; all: all but the sound level, which not every movie has`,
      parseConfounds,
    )
    .addOption(choiceOption('--hrf <model>', 'haemodynamic response (default: none)', responseChoice))
    .option('--lag <seconds>', 'delays of the filters to try, as 0-8 (default: none)', parseSecondsRange)
    .action((folder: string, options: CoupleOptions) =>
      runCommand(options.json ?? false, (context) =>
        withOpenProject(folder, 'couple', async (open) => {
          const {
            json: _,
            model: models,
            runs: movieRuns,
            direction,
            framesOfTr: frames,
            without,
            hrf: response,
            ...others
          } = options;
          const named = { models, movieRuns, frames, confounds: without, response, directions: direction && [direction] };
          const input = given({ ...others, ...named });
          const started = performance.now();
          const output = await runJob(open, 'couple', input, context);
          const seconds = formatSeconds((performance.now() - started) / 1000);
          const text = `${formatCouplings(output)}\n${output.couplings.length} couplings in ${seconds}\n`;
          return { json: output, text };
        }),
      ),
    );
}

function formatCouplings({ couplings, mode, form }: JobOutput<'couple'>): string {
  const title = form === 'max' ? '' : `activations: ${form}\n`;
  const rows = couplings.map((coupling) => [
    ...[coupling.model, coupling.layer, coupling.movieRun, coupling.direction],
    coupling.meanR === null ? null : Number(coupling.meanR.toFixed(4)),
    ...[coupling.notSignificant, coupling.pairs, coupling.undefinedPairs],
    ...(mode === 'corrected' ? describeCorrection(coupling.correction) : []),
  ]);
  const header = ['model', 'layer', 'movie run', 'direction', 'mean r', 'p > 0.05 (paper)', 'pairs', 'undefined'];
  if (mode === 'corrected') header.push('p > 0.05 (null)', 'q > 0.05', 'count-matched', 'z');
  return `${title}${formatColumns([header, ...rows])}`;
}

function describeCorrection(correction: CorrectionSummary | null): (number | null)[] {
  if (!correction) return [null, null, null, null];
  const { notSignificantNull, notSignificantQ, matchedMeanR, z } = correction;
  return [notSignificantNull, notSignificantQ, Number(matchedMeanR.toFixed(4)), Number(z.toFixed(1))];
}
