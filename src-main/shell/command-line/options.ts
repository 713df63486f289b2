import { InvalidArgumentError, Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { confoundNames, frameFeatures, type Confound } from '../../../src-preload/shared/domain/controls';
import { importModelInput, reducerChoice, trainInput } from '../../../src-preload/shared/contract/job-inputs';

/** Adds a command with --json; every command is made through this. */
export function addCommand(program: Command, usage: string, summary: string, description: string): Command {
  return program
    .command(usage)
    .summary(summary)
    .description(joinLines(description))
    .option('--json', 'print one JSON document on standard output')
    .exitOverride()
    .showHelpAfterError(false);
}

/** What the lines of a list are broken to, as the narrowest usual terminal wants it. */
const LIST_COLUMNS = 80;

/** Lines are broken to the width of the terminal; only indented ones, of lists, keep the breaks before and after them. */
function joinLines(text: string): string {
  const isListed = (line: string) => line.startsWith(' ');
  const lines = text.split('\n').flatMap((line) => (isListed(line) ? breakListed(line) : line));
  return lines.reduce((joined, line, i) => `${joined}${isListed(line) || isListed(lines[i - 1]!) ? '\n' : ' '}${line}`);
}

/** A line "  term   what it is", which goes on below the first word of what it is. */
function breakListed(line: string): string[] {
  const hang = /^ +\S.*? {2,}/.exec(line)?.[0].length ?? 4;
  const lines = [line.slice(0, hang)];
  for (const word of line.slice(hang).split(' ')) {
    const last = lines.at(-1)!;
    if (last.length > hang && last.length + 1 + word.length > LIST_COLUMNS) lines.push(' '.repeat(hang) + word);
    else lines[lines.length - 1] = last.length > hang ? `${last} ${word}` : last + word;
  }
  return lines;
}

/** Parses a number. */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** Parses a number above zero. */
export function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value <= 0) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

/** Parses a number from 0 to 1. */
export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError('expected a number from 0 to 1.');
  return value;
}

/** Parses a whole number above zero. */
export function parseCount(text: string): number {
  const value = parsePositive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number above 0.');
  return value;
}

/** Parses a whole number of zero or more. */
export function parseSeed(text: string): number {
  const value = parseNumber(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number of 0 or more.');
  return value;
}

/** Parses `a,b,c`; spaces around names are dropped. */
export function parseList(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('expected one or more names separated by commas.');
  return names;
}

/** Parses numbers separated by commas. */
export function parseNumbers(text: string): number[] {
  return parseList(text).map(parseNumber);
}

/** Parses whole numbers above zero separated by commas. */
export function parseCounts(text: string): number[] {
  return parseList(text).map(parseCount);
}

/** Parses numbers above zero separated by commas. */
export function parsePositives(text: string): number[] {
  return parseList(text).map(parsePositive);
}

/** Parses whole numbers of zero or more separated by commas. */
export function parseSeeds(text: string): number[] {
  return parseList(text).map(parseSeed);
}

const variantChoice = trainInput.shape.variant.unwrap();

/** Parses names of variants of the embedding separated by commas. */
export function parseVariants(text: string): z.infer<typeof variantChoice>[] {
  return parseList(text).map((name) => {
    const parsed = variantChoice.safeParse(name);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`"${name}" is none of ${variantChoice.options.join(', ')}.`);
  });
}

/** Parses which layers: a preset, or names separated by commas. */
export function parseLayers(text: string): 'last' | 'blocks' | 'all' | string[] {
  return (['last', 'blocks', 'all'] as const).find((preset) => preset === text) ?? parseList(text);
}

export const REDUCER_HELP =
  'one number per feature map: max (default, the paper’s), mean, norm2; several with commas in one pass';
export const FRAMES_HELP = 'last frame of each TR (default, the paper’s), or the mean of the activations of all its frames';

export const BEFORE_ACTIVATION_HELP = 'read last, blocks and all before the activation (ReLU), not after it';

/** Parses confounds separated by commas; `all` is all of the picture, which every movie has. */
export function parseConfounds(text: string): Confound[] {
  return parseList(text).flatMap((name) => {
    if (name === 'all') return [...frameFeatures];
    const found = confoundNames.find((confound) => confound === name);
    if (found) return [found];
    throw new InvalidArgumentError(`"${name}" is none of ${confoundNames.join(', ')}; "all" is all but the sound level.`);
  });
}

/** Parses a range of seconds, `0-8`, or a single number of them. */
export function parseSecondsRange(text: string): { least: number; most: number } {
  const match = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text.trim());
  const [least, most] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!(least <= most && most <= 30)) throw new InvalidArgumentError('expected seconds from 0 to 30, such as 0-8.');
  return { least, most };
}

/** Parses reducers separated by commas. */
export function parseReducers(text: string): z.output<typeof reducerChoice>[] {
  return parseList(text).map((name) => {
    const parsed = reducerChoice.safeParse(name);
    if (!parsed.success) throw new InvalidArgumentError(`expected ${reducerChoice.options.join(', ')}.`);
    return parsed.data;
  });
}

/** Parses `i/n`, counted from 1. */
export function parseShard(text: string): { index: number; count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (!(index >= 1 && index <= count)) throw new InvalidArgumentError('expected i/n with i from 1 to n, such as 3/8.');
  return { index, count };
}

/** An absolute path, seen from where the command was given; `~` is the home folder where no shell has said so (`"~/data"`). */
export function parsePath(text: string): string {
  const isHome = /^~(?=[/\\]|$)/.test(text) && !existsSync('~');
  return resolve(isHome ? join(homedir(), text.slice(1)) : text);
}

/** An option that takes one of the values of a schema's enumeration. */
export function choiceOption(flags: string, description: string, choices: z.ZodEnum): Option {
  return new Option(flags, description).choices(choices.options.map(String));
}

/** What the options of addPreprocessingOptions give. */
export interface PreprocessingOptions {
  normalisation?: 'imagenet' | 'unit' | 'none';
  channelOrder?: 'RGB' | 'BGR';
  mean?: number[];
  deviation?: number[];
}

/** Adds the options that say how frames are prepared for a CNN. */
export function addPreprocessingOptions(command: Command): Command {
  const { normalisation, channelOrder } = importModelInput.shape;
  return command
    .addOption(
      choiceOption(
        '--normalisation <how>',
        'what the network expects: imagenet (torchvision’s mean and deviation, default), unit (0…1), none (0…255)',
        normalisation.unwrap(),
      ),
    )
    .addOption(choiceOption('--channel-order <order>', 'order of colours (default: RGB)', channelOrder.unwrap()))
    .option('--mean <r,g,b>', 'mean to subtract, in the units of --normalisation', parseNumbers)
    .option('--deviation <r,g,b>', 'deviation to divide by', parseNumbers);
}

/** An object without its undefined members: options not given are left to the schema's defaults. */
export function given<Values extends Record<string, unknown>>(
  values: Values,
): { [Name in keyof Values]: Exclude<Values[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
