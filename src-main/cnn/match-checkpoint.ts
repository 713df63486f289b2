import { UserError } from '../../src-preload/shared/domain/errors';
import type { CheckpointFile, CheckpointTensor } from '../files/checkpoint-file';
import { parametersOf, type Architecture } from './architectures/architecture';
import type { Parameter } from './architectures/network';

/** A checkpoint that fits an architecture. */
export interface CheckpointMatch {
  architecture: Architecture;
  /** Outputs of its classifier; null where the file has none. */
  classes: number | null;
  /** Name of the tensor in the file for each parameter. */
  tensorOf: ReadonlyMap<string, string>;
}

/** How the tensors of a file agree with an architecture's parameters, by name. */
interface Comparison {
  architecture: Architecture;
  agreeing: number;
  missing: string[];
  unexpected: string[];
  /** In words: "fc.weight [1000, 512] for [365, 2048]". */
  different: string[];
}

type Tensors = ReadonlyMap<string, CheckpointTensor & { original: string }>;

/** Counts batches of the training; nothing here needs it, and older files lack it. */
const COUNTER = /(^|\.)num_batches_tracked$/;
/** Names listed in an error before "and N more". */
const NAMES_SHOWN = 4;

/**
 * Finds the architecture that a checkpoint is of: every parameter there with its shape, and nothing besides. Wrappers in the
 * names ("module.", of the whole or of a part; "model.", "backbone." before all) are seen through.
 * @param wanted only this one, by --arch
 * @throws UserError naming what is missing, unexpected or of another shape, in the architecture that is nearest
 */
export function matchCheckpoint(
  checkpoint: CheckpointFile,
  architectures: readonly Architecture[],
  wanted?: string,
): CheckpointMatch {
  const candidates = wanted === undefined ? architectures : [findArchitecture(architectures, wanted)];
  let nearest: Comparison | undefined;
  for (const prefix of commonPrefixes(checkpoint)) {
    for (const architecture of candidates) {
      const tensors = tensorsUnder(prefix, checkpoint, architecture);
      const comparison = compare(architecture, tensors);
      if (comparison.missing.length + comparison.unexpected.length + comparison.different.length === 0) {
        return { architecture, ...read(architecture, tensors) };
      }
      if (!nearest || comparison.agreeing > nearest.agreeing) nearest = comparison;
    }
  }
  throw explain(checkpoint, nearest!, wanted !== undefined, architectures);
}

/** The architecture of a name, torchvision's or the paper's, however it is spelt; undefined where none has it. */
export function architectureNamed(architectures: readonly Architecture[], name: string): Architecture | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return architectures.find((one) => plain(one.name) === plain(name) || plain(one.title) === plain(name));
}

/** @throws UserError listing the names there are */
export function findArchitecture(architectures: readonly Architecture[], name: string): Architecture {
  const found = architectureNamed(architectures, name);
  if (found) return found;
  const expected = `one of ${architectures.map((one) => one.name).join(', ')}`;
  throw new UserError({
    code: 'model-unsuitable',
    what: `there is no bundled definition of "${name}"`,
    expected,
    remedy: 'export the model to ONNX',
  });
}

/** The name without the wrappers of data-parallel training, which may be around any part. */
function unwrapped(name: string): string {
  return name
    .split('.')
    .filter((part) => part !== 'module')
    .join('.');
}

/** Nothing, and the scopes that all names of the file begin with. */
function commonPrefixes({ tensors }: CheckpointFile): string[] {
  const names = [...tensors.keys()].map((name) => unwrapped(name).split('.'));
  const prefixes = [''];
  for (let length = 1; length <= 3; length++) {
    const prefix = names[0]?.slice(0, length).join('.');
    if (names.some((parts) => parts.length <= length || parts.slice(0, length).join('.') !== prefix)) break;
    prefixes.push(`${prefix}.`);
  }
  return prefixes;
}

/** The tensors under the names of the architecture, without those that it does not use. */
function tensorsUnder(prefix: string, { tensors }: CheckpointFile, { modernName, unused }: Architecture): Tensors {
  const named = [...tensors].map(([original, tensor]) => {
    const plain = unwrapped(original).slice(prefix.length);
    return [modernName?.(plain) ?? plain, { ...tensor, original }] as const;
  });
  return new Map(named.filter(([name]) => !COUNTER.test(name) && !unused?.test(name)));
}

function compare(architecture: Architecture, tensors: Tensors): Comparison {
  const parameters = parametersOf(architecture);
  const withClassifier = [...parameters].some(([name, { countsClasses }]) => countsClasses && tensors.has(name));
  const expected = [...parameters].filter(([, { countsClasses }]) => withClassifier || !countsClasses);
  const comparison: Comparison = { architecture, agreeing: 0, missing: [], unexpected: [], different: [] };
  for (const [name, parameter] of expected) {
    const tensor = tensors.get(name);
    if (!tensor) comparison.missing.push(name);
    else if (agrees(parameter, tensor.shape)) comparison.agreeing++;
    else comparison.different.push(`${name} [${tensor.shape.join(', ')}] for [${parameter.shape.join(', ')}]`);
  }
  comparison.unexpected = [...tensors.keys()].filter((name) => !parameters.has(name));
  const classes = new Set(
    expected.flatMap(([name, { countsClasses }]) => (countsClasses ? (tensors.get(name)?.shape[0] ?? []) : [])),
  );
  if (classes.size > 1) comparison.different.push(`a classifier of ${[...classes].join(' and ')} classes`);
  return comparison;
}

function agrees({ shape, countsClasses }: Parameter, found: readonly number[]): boolean {
  return (
    found.length === shape.length &&
    shape.every((size, axis) => (countsClasses && axis === 0 ? found[0]! > 0 : found[axis] === size))
  );
}

function read(architecture: Architecture, tensors: Tensors): Omit<CheckpointMatch, 'architecture'> {
  const counting = [...parametersOf(architecture)].find(([name, { countsClasses }]) => countsClasses && tensors.has(name));
  const tensorOf = new Map([...tensors].map(([name, { original }]) => [name, original]));
  return { classes: counting ? tensors.get(counting[0])!.shape[0]! : null, tensorOf };
}

function explain(
  checkpoint: CheckpointFile,
  { architecture, agreeing, missing, unexpected, different }: Comparison,
  wasNamed: boolean,
  architectures: readonly Architecture[],
): UserError {
  const parts = [
    missing.length > 0 && `missing: ${shortList(missing)}`,
    unexpected.length > 0 && `unexpected: ${shortList(unexpected)}`,
    different.length > 0 && `of another shape: ${shortList(different)}`,
  ].filter(Boolean);
  if (wasNamed || agreeing > parametersOf(architecture).size / 2) {
    return new UserError({
      code: 'model-unsuitable',
      what: wasNamed
        ? `the checkpoint is no ${architecture.name}`
        : `no bundled architecture fits the checkpoint; the nearest is ${architecture.name}`,
      file: checkpoint.path,
      found: parts.join('; '),
      remedy: 'look at its tensors with `syncact checkpoint-info`, or export the model to ONNX',
    });
  }
  const names = [...checkpoint.tensors.keys()];
  return new UserError({
    code: 'model-unsuitable',
    what: 'no bundled architecture fits the checkpoint',
    file: checkpoint.path,
    expected: `the parameters of ${architectures.map(({ name }) => name).join(', ')}`,
    found: `${names.length} tensors: ${shortList(names)}`,
    remedy: 'look at them with `syncact checkpoint-info`, and export the model to ONNX',
  });
}

function shortList(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
