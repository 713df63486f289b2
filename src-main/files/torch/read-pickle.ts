import { narrow, PickleError, PickleGlobal, PickleMachine, PickleTuple, type PickleMeaning } from './pickle-reader';

/*
 * Python's pickle is a program for a stack machine (Lib/pickletools.py documents every opcode). Here only the opcodes that
 * rebuild plain values and tensors are known. A name such as posix.system is never looked up, let alone called: it must be one
 * of those that the caller gives a meaning to, or the file is refused by it. Our own because the packages on npm that read
 * pickles call what the file names, have no bounds, or know no persistent ids.
 */

/** Reads one pickle from bytes. @returns its value, and where it ends. @throws PickleError */
export function readPickle(bytes: Uint8Array, start: number, meaning: PickleMeaning): { value: unknown; end: number } {
  const machine = new PickleMachine(bytes, start, meaning);
  for (;;) {
    const opcode = machine.unsigned(1);
    if (opcode === STOP) return { value: machine.finish(), end: machine.position };
    const run = opcodes.get(opcode);
    if (!run) throw new PickleError('refused', `the pickle opcode ${nameOfOpcode(opcode)}`);
    run(machine);
  }
}

const STOP = '.'.charCodeAt(0);
type Operation = (machine: PickleMachine) => void;

const values: Record<string, Operation> = {
  N: (machine) => machine.push(null),
  '\x88': (machine) => machine.push(true),
  '\x89': (machine) => machine.push(false),
  I: (machine) => machine.push(readInteger(machine.line())),
  L: (machine) => machine.push(readInteger(machine.line().replace(/L$/, ''))),
  J: (machine) => machine.push(machine.signed32()),
  K: (machine) => machine.push(machine.unsigned(1)),
  M: (machine) => machine.push(machine.unsigned(2)),
  '\x8a': (machine) => machine.push(machine.integer(machine.unsigned(1))),
  '\x8b': (machine) => machine.push(machine.integer(machine.unsigned(4))),
  F: (machine) => machine.push(Number(machine.line())),
  G: (machine) => machine.push(machine.double()),
  // Python 2's strings are bytes; names in them are read as latin-1.
  T: (machine) => machine.push(machine.text(machine.unsigned(4), 'latin1')),
  U: (machine) => machine.push(machine.text(machine.unsigned(1), 'latin1')),
  V: (machine) => machine.push(machine.line()),
  X: (machine) => machine.push(machine.text(machine.unsigned(4), 'utf8')),
  '\x8c': (machine) => machine.push(machine.text(machine.unsigned(1), 'utf8')),
  '\x8d': (machine) => machine.push(machine.text(machine.unsigned(8), 'utf8')),
  B: (machine) => machine.push(machine.take(machine.unsigned(4))),
  C: (machine) => machine.push(machine.take(machine.unsigned(1))),
  '\x8e': (machine) => machine.push(machine.take(machine.unsigned(8))),
};

const containers: Record<string, Operation> = {
  '(': (machine) => machine.mark(),
  '0': (machine) => void machine.pop(),
  '1': (machine) => void machine.popMark(),
  ')': (machine) => machine.push(new PickleTuple([])),
  t: (machine) => pushTuple(machine, machine.popMark()),
  '\x85': (machine) => pushTuple(machine, popSeveral(machine, 1)),
  '\x86': (machine) => pushTuple(machine, popSeveral(machine, 2)),
  '\x87': (machine) => pushTuple(machine, popSeveral(machine, 3)),
  ']': (machine) => machine.push([]),
  l: (machine) => {
    const items = machine.popMark();
    machine.push(machine.nest(items, items));
  },
  a: (machine) => append(machine, [machine.pop()]),
  e: (machine) => append(machine, machine.popMark()),
  '}': (machine) => machine.push(new Map()),
  d: (machine) => {
    const items = machine.popMark();
    machine.push(new Map());
    setItems(machine, items);
  },
  s: (machine) => setItems(machine, popSeveral(machine, 2)),
  u: (machine) => setItems(machine, machine.popMark()),
};

const names: Record<string, Operation> = {
  c: (machine) => pushGlobal(machine, machine.line(), machine.line()),
  '\x93': (machine) => {
    const [module, name] = popSeveral(machine, 2);
    if (typeof module !== 'string' || typeof name !== 'string') throw new PickleError('damaged', 'a name that is no text');
    pushGlobal(machine, module, name);
  },
  R: (machine) => {
    const [callable, argument] = popSeveral(machine, 2);
    if (!(callable instanceof PickleGlobal)) throw new PickleError('refused', 'a call of something that is no name');
    if (!(argument instanceof PickleTuple)) throw new PickleError('damaged', 'a call without arguments');
    machine.push(machine.meaning.call(callable, argument.items));
  },
  b: (machine) => {
    machine.pop();
    // Attributes of an OrderedDict, as PyTorch's _metadata, say nothing of its tensors.
    if (!(machine.top() instanceof Map)) throw new PickleError('refused', 'attributes set on an object');
  },
  Q: (machine) => machine.push(machine.meaning.persistent(machine.pop())),
};

const memory: Record<string, Operation> = {
  '\x80': (machine) => {
    const protocol = machine.unsigned(1);
    if (protocol > 5) throw new PickleError('refused', `pickle protocol ${protocol}`);
  },
  // A frame only tells how much to read at once.
  '\x95': (machine) => void machine.take(8),
  g: (machine) => machine.recall(Number(machine.line())),
  h: (machine) => machine.recall(machine.unsigned(1)),
  j: (machine) => machine.recall(machine.unsigned(4)),
  p: (machine) => machine.remember(Number(machine.line())),
  q: (machine) => machine.remember(machine.unsigned(1)),
  r: (machine) => machine.remember(machine.unsigned(4)),
  '\x94': (machine) => machine.rememberNext(),
};

const opcodes: ReadonlyMap<number, Operation> = new Map(
  Object.entries({ ...values, ...containers, ...names, ...memory }).map(([code, run]) => [code.charCodeAt(0), run]),
);

/** Opcodes that make or change objects of any class, by the names that pickletools gives them. */
const refusedNames: Readonly<Record<string, string>> = {
  i: 'INST',
  o: 'OBJ',
  P: 'PERSID',
  S: 'STRING',
  '2': 'DUP',
  '\x81': 'NEWOBJ',
  '\x82': 'EXT1',
  '\x83': 'EXT2',
  '\x84': 'EXT4',
  '\x8f': 'EMPTY_SET',
  '\x90': 'ADDITEMS',
  '\x91': 'FROZENSET',
  '\x92': 'NEWOBJ_EX',
  '\x96': 'BYTEARRAY8',
  '\x97': 'NEXT_BUFFER',
  '\x98': 'READONLY_BUFFER',
};

function nameOfOpcode(opcode: number): string {
  return refusedNames[String.fromCharCode(opcode)] ?? `0x${opcode.toString(16).padStart(2, '0')}`;
}

function readInteger(text: string): number | bigint | boolean {
  // Protocols 0 and 1 write booleans so.
  if (text === '00' || text === '01') return text === '01';
  if (!/^-?\d{1,150}$/.test(text)) throw new PickleError('damaged', 'a whole number that is none');
  return narrow(BigInt(text));
}

/** The topmost values, the topmost last. */
function popSeveral(machine: PickleMachine, count: number): unknown[] {
  return Array.from({ length: count }, () => machine.pop()).reverse();
}

function pushTuple(machine: PickleMachine, items: unknown[]): void {
  machine.push(machine.nest(new PickleTuple(items), items));
}

function pushGlobal(machine: PickleMachine, module: string, name: string): void {
  const global = new PickleGlobal(module, name);
  if (!machine.meaning.knows(global)) throw new PickleError('refused', global.path);
  machine.push(global);
}

function append(machine: PickleMachine, items: readonly unknown[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw new PickleError('refused', 'items added to something that is no list');
  machine.nest(list, items);
  for (const item of items) list.push(item);
}

function setItems(machine: PickleMachine, items: readonly unknown[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map)) throw new PickleError('refused', 'items set on something that is no dict');
  if (items.length % 2 !== 0) throw new PickleError('damaged', 'a key without a value');
  machine.nest(dict, items);
  for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
}
