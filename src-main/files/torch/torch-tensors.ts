import { PickleError, PickleGlobal, PickleTuple, type PickleMeaning } from './pickle-reader';
import { bytesPerValue, type TensorType } from './tensor-types';

/** A PyTorch storage: the numbers that one or several tensors look at. */
export interface TorchStorage {
  /** The type it was saved with; null for untyped storages, whose tensors say theirs. */
  type: TensorType | null;
  /** Name of its data in the file. */
  key: string;
  /** Values (bytes where untyped). */
  elements: number;
  /** First value of a legacy view on another storage. */
  offset: number;
}

/** A tensor as PyTorch rebuilds it: a strided view on a storage. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly type: TensorType,
    /** In values from the start of the storage. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}

  get values(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Values from the first to the last that it looks at. */
  get span(): number {
    if (this.values === 0) return 0;
    return this.shape.reduce((sum, size, axis) => sum + (size - 1) * this.strides[axis]!, 1);
  }
}

const storageTypes: Readonly<Record<string, TensorType>> = {
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  ShortStorage: 'int16',
  IntStorage: 'int32',
  LongStorage: 'int64',
  BoolStorage: 'bool',
};
/** Spellings of torch.dtype. */
const elementTypes: Readonly<Record<string, TensorType>> = {
  ...Object.fromEntries((Object.keys(bytesPerValue) as TensorType[]).map((type) => [type, type])),
  half: 'float16',
  float: 'float32',
  double: 'float64',
  short: 'int16',
  int: 'int32',
  long: 'int64',
};
/** Pairs that OrderedDicts are made of in one file; a list recalled again and again could make any number of them. */
const MOST_PAIRS = 1_000_000;

/**
 * What the names mean that torch.save writes for a state dict; there are no others. Each file needs one of its own.
 * @see torch/_utils.py and torch/serialization.py of PyTorch
 */
export class TorchMeaning implements PickleMeaning {
  /** Tensors by whichever storage key, in the order of the pickle. */
  private pairs = 0;

  knows(global: PickleGlobal): boolean {
    return calls.has(global.path) || storageType(global) !== undefined || elementType(global) !== undefined;
  }

  call(global: PickleGlobal, argument: readonly unknown[]): unknown {
    const call = calls.get(global.path);
    if (!call) throw new PickleError('refused', `a call of ${global.path}`);
    if (global.path === 'collections.OrderedDict') this.countPairs(argument);
    return call(argument);
  }

  persistent(id: unknown): TorchStorage {
    const [tag, type, key, , elements, view] = id instanceof PickleTuple ? id.items : [];
    const known = type instanceof PickleGlobal ? storageType(type) : undefined;
    if (tag !== 'storage' || known === undefined || typeof key !== 'string' || !isCount(elements)) {
      throw new PickleError('damaged', 'a storage that is none');
    }
    if (!(view instanceof PickleTuple)) return { type: known, key, elements, offset: 0 };
    // Old files: this storage is a part of the one named key.
    const [, offset, size] = view.items;
    if (!isCount(offset) || !isCount(size)) throw new PickleError('damaged', 'a view on a storage that is none');
    return { type: known, key, elements, offset };
  }

  /** Python 2 writes an OrderedDict as a call on a list of pairs. */
  private countPairs([pairs]: readonly unknown[]): void {
    this.pairs += Array.isArray(pairs) ? pairs.length : 0;
    if (this.pairs > MOST_PAIRS) throw new PickleError('refused', `more than ${MOST_PAIRS} entries`);
  }
}

const calls = new Map<string, (argument: readonly unknown[]) => unknown>([
  ['collections.OrderedDict', ([pairs]) => new Map(pairsOf(pairs ?? []))],
  ['torch.Size', ([sizes]) => sizes],
  ['torch.device', ([name]) => name],
  ['torch._utils._rebuild_tensor', ([storage, ...place]) => rebuildTensor(storage, place)],
  ['torch._utils._rebuild_tensor_v2', ([storage, ...place]) => rebuildTensor(storage, place)],
  [
    'torch._utils._rebuild_tensor_v3',
    ([storage, offset, shape, strides, , , type]) => rebuildTensor(storage, [offset, shape, strides], type),
  ],
  ['torch._utils._rebuild_parameter', ([tensor]) => tensor],
  ['torch._utils._rebuild_parameter_with_state', ([tensor]) => tensor],
]);

function storageType({ module, name }: PickleGlobal): TensorType | null | undefined {
  if ((module === 'torch' || module === 'torch.storage') && name === 'UntypedStorage') return null;
  if (module !== 'torch' && module !== 'torch.cuda') return undefined;
  return Object.hasOwn(storageTypes, name) ? storageTypes[name] : undefined;
}

function elementType({ module, name }: PickleGlobal): TensorType | undefined {
  return module === 'torch' && Object.hasOwn(elementTypes, name) ? elementTypes[name] : undefined;
}

function pairsOf(pairs: unknown): [unknown, unknown][] {
  if (!Array.isArray(pairs)) throw new PickleError('damaged', 'an OrderedDict of something that is no list');
  return pairs.map((pair: unknown) => {
    const items = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? (pair as unknown[]) : [];
    if (items.length !== 2) throw new PickleError('damaged', 'an OrderedDict of something that are no pairs');
    return [items[0], items[1]];
  });
}

function rebuildTensor(storage: unknown, [offset, shape, strides]: readonly unknown[], type?: unknown): TorchTensor {
  const given = type instanceof PickleGlobal ? elementType(type) : undefined;
  const sizes = shape instanceof PickleTuple ? shape.items : undefined;
  const steps = strides instanceof PickleTuple ? strides.items : undefined;
  if (
    !isStorage(storage) ||
    !isCount(offset) ||
    !sizes?.every(isCount) ||
    !steps?.every(isCount) ||
    sizes.length !== steps.length
  ) {
    throw new PickleError('damaged', 'a tensor that is none');
  }
  const element = given ?? storage.type;
  if (element === null) throw new PickleError('damaged', 'a tensor of no type');
  const tensor = new TorchTensor(storage, element, offset + storage.offset, sizes, steps);
  const capacity = storage.type === null ? Math.floor(storage.elements / bytesPerValue[element]) : storage.elements;
  if (!Number.isSafeInteger(tensor.values) || tensor.offset + tensor.span > capacity) {
    throw new PickleError('damaged', `a tensor [${sizes.join(', ')}] that reaches beyond its ${capacity} values`);
  }
  return tensor;
}

function isStorage(value: unknown): value is TorchStorage {
  return typeof value === 'object' && value !== null && 'key' in value && 'elements' in value;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
