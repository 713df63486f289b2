import { UserError } from './errors';

/** How V8, C++, ONNX Runtime, CUDA, Vulkan and the system say that there is no memory left. */
const SAID =
  /[^\n]*(?:out of memory|bad[_ ]alloc|failed to allocate memory|cannot allocate memory|array buffer allocation failed|ALLOC_FAILED|OUT_OF_(?:DEVICE|HOST)_MEMORY|\bENOMEM\b)[^\n]*/i;

/**
 * How ONNX Runtime says it of WebGPU, seen on a real card (test/long/graphics-card.ts): the failed allocation itself is told nobody, only
 * that a buffer cannot be used then; and a buffer beyond what a binding may hold is cut into more bindings than a shader may have.
 */
const SAID_OF_BUFFERS: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/\[Invalid Buffer\b[^\n]*previous error/, 'the graphics card has no memory left for a buffer'],
  [/Too many storage buffers in shader/, 'a feature map or matrix is larger than the graphics card takes'],
];

/** Who ran out of it has memory of its own. */
const OF_A_CARD = /graphics card|\bCUDA\b|OUT_OF_DEVICE_MEMORY/;

/** What says that memory ran out; undefined where nothing does. @param text a message, or the error output of a process */
export function saidOutOfMemory(text: string): string | undefined {
  return SAID.exec(text)?.[0].trim() ?? SAID_OF_BUFFERS.find(([said]) => said.test(text))?.[1];
}

/** What ran out, and what takes less. @param found what was said of it */
export function outOfMemory(task: string, found: string): UserError {
  return new UserError({
    code: 'out-of-memory',
    what: `the memory did not suffice for "${task}"`,
    found,
    remedy: `${OF_A_CARD.test(found) ? 'compute on the CPU (--device cpu), or ' : ''}${memoryRemedy(task)}`,
  });
}

/** What makes a task need less memory, as an imperative. */
export function memoryRemedy(task: string): string {
  const own = lessMemory.find(([tasks]) => tasks.includes(task))?.[1];
  return `${own === undefined ? '' : `${own}, or `}close other programs; what was finished is kept`;
}

const lessMemory: readonly (readonly [tasks: readonly string[], remedy: string])[] = [
  [['train', 'encode', 'try-device'], 'choose a smaller batch (--batch) or fewer FBNs'],
  [['extract', 'activations'], 'choose a smaller batch (--batch) or fewer layers at a time'],
  [['couple'], 'couple fewer models or layers at a time'],
  [['report', 'figure'], 'ask for fewer parts at a time'],
];
