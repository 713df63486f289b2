import { UserError } from './errors';

/** How V8, C++, ONNX Runtime, CUDA and the system say that there is no memory left. */
const SAID =
  /[^\n]*(?:out of memory|bad[_ ]alloc|failed to allocate memory|cannot allocate memory|array buffer allocation failed|ALLOC_FAILED|\bENOMEM\b)[^\n]*/i;

/** The line that says that memory ran out; undefined where none does. @param text a message, or the error output of a process */
export function saidOutOfMemory(text: string): string | undefined {
  return SAID.exec(text)?.[0].trim();
}

/** What ran out, and what takes less. @param found what was said of it */
export function outOfMemory(task: string, found: string): UserError {
  return new UserError({
    code: 'out-of-memory',
    what: `the memory did not suffice for "${task}"`,
    found,
    remedy: memoryRemedy(task),
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
