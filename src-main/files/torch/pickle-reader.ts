/** Why a pickle was not read: it asks for something that is not data, it ends too early, or it makes no sense. */
export class PickleError extends Error {
  constructor(
    readonly reason: 'refused' | 'cut short' | 'damaged',
    message: string,
  ) {
    super(message);
    this.name = 'PickleError';
  }
}

/** A Python tuple; lists are plain arrays, dicts are Maps. */
export class PickleTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A name that a pickle gives: it stands for itself, nothing is looked up or imported. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What the few names that are understood stand for. Whatever these functions do not know they must refuse. */
export interface PickleMeaning {
  /** Whether a name may occur at all. */
  knows(name: PickleGlobal): boolean;
  /** The value of a call of a name on arguments. @throws PickleError */
  call(name: PickleGlobal, argument: readonly unknown[]): unknown;
  /** The value behind a persistent id (PyTorch: a storage). @throws PickleError */
  persistent(id: unknown): unknown;
}

/** Marks inside marks, and containers inside containers; a state dict has five. */
const DEEPEST = 64;
/** Bytes of a whole number; PyTorch's magic number has ten. */
const LONGEST_INTEGER = 64;

/** The stack of the interpreter, and how it reads: all bounds are kept here. */
export class PickleMachine {
  private readonly view: DataView;
  private readonly stack: unknown[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly depths = new WeakMap<object, number>();

  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    readonly meaning: PickleMeaning,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.bytes.byteLength) throw new PickleError('cut short', 'a pickle that ends too early');
    const part = this.bytes.subarray(this.position, end);
    this.position = end;
    return part;
  }

  /** A little-endian number of 1, 2, 4 or 8 bytes. */
  unsigned(width: 1 | 2 | 4 | 8): number {
    const start = this.position;
    this.take(width);
    if (width === 1) return this.view.getUint8(start);
    if (width === 2) return this.view.getUint16(start, true);
    if (width === 4) return this.view.getUint32(start, true);
    const value = this.view.getBigUint64(start, true);
    if (value > Number.MAX_SAFE_INTEGER) throw new PickleError('damaged', 'a length beyond all files');
    return Number(value);
  }

  signed32(): number {
    return this.unsigned(4) | 0;
  }

  /** A big-endian double. */
  double(): number {
    const start = this.position;
    this.take(8);
    return this.view.getFloat64(start, false);
  }

  /** A little-endian two's complement number; beyond 2^53 as bigint. */
  integer(length: number): number | bigint {
    if (length > LONGEST_INTEGER) throw new PickleError('refused', `a whole number of ${length} bytes`);
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return narrow(BigInt.asIntN(Math.max(1, 8 * length), value));
  }

  text(length: number, encoding: 'utf8' | 'latin1'): string {
    const { buffer, byteOffset, byteLength } = this.take(length);
    return Buffer.from(buffer, byteOffset, byteLength).toString(encoding);
  }

  /** Text to the end of the line, as protocol 0 has it. */
  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleError('cut short', 'a pickle that ends too early');
    const text = this.text(end - this.position, 'utf8');
    this.position++;
    return text;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length <= (this.marks.at(-1) ?? 0))
      throw new PickleError('damaged', 'a pickle that takes from an empty stack');
    return this.stack.pop();
  }

  top(): unknown {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    if (this.marks.length >= DEEPEST) throw tooDeep();
    this.marks.push(this.stack.length);
  }

  /** Everything above the last mark. */
  popMark(): unknown[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw new PickleError('damaged', 'a pickle without the mark that it speaks of');
    return this.stack.splice(mark);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw new PickleError('damaged', 'a pickle that recalls what it never kept');
    this.push(this.memo.get(index));
  }

  /** Keeps account of nesting when values go into a container. */
  nest<Container extends object>(container: Container, values: readonly unknown[]): Container {
    let depth = this.depths.get(container) ?? 1;
    for (const value of values) {
      if (typeof value === 'object' && value !== null) depth = Math.max(depth, 1 + (this.depths.get(value) ?? 0));
    }
    if (depth > DEEPEST) throw tooDeep();
    this.depths.set(container, depth);
    return container;
  }

  /** The one value that a finished pickle leaves. */
  finish(): unknown {
    if (this.stack.length !== 1 || this.marks.length > 0)
      throw new PickleError('damaged', 'a pickle that leaves no single value');
    return this.stack[0];
  }
}

/** A whole number as a plain one where that is exact. */
export function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function tooDeep(): PickleError {
  return new PickleError('refused', `values nested more than ${DEEPEST} deep`);
}
