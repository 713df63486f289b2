import { z } from 'zod';

/**
 * A path that a caller names, absolute (the command line resolves relative ones against its folder). Every setting that holds a path
 * is of this very schema (or of one wrapped around it), which is how `pathsIn` finds it: one derived from it, with `.max()` say, is not.
 */
export const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/, 'a path holds no NUL');

/** What the walk needs to know of a schema: zod's own description of it. */
interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  options?: readonly z.ZodType[];
  items?: readonly z.ZodType[];
  innerType?: z.ZodType;
}

const leaves = new Set(['string', 'number', 'boolean', 'enum', 'literal', 'null', 'unknown']);
const wrappers = new Set(['optional', 'nullable', 'default', 'readonly']);

/**
 * Every path in a value that its schema has accepted, wherever it lies.
 * @throws Error for a kind of schema that the walk does not know: nothing is passed over
 */
export function pathsIn(schema: z.ZodType, value: unknown): string[] {
  if (value === undefined || value === null || !holdsPaths(schema)) return [];
  if ((schema as unknown) === path) return [value as string];
  return parts(schema, value).flatMap(([part, of]) => pathsIn(part, of));
}

/** A schema and all those it is made of. @throws Error for a kind of schema that the walk does not know */
export function schemasIn(schema: z.ZodType): z.ZodType[] {
  const { type, shape = {}, element, options = [], items = [], innerType } = definitionOf(schema);
  const inside = [
    ...Object.values(shape),
    ...options,
    ...items,
    ...(element ? [element] : []),
    ...(innerType ? [innerType] : []),
  ];
  if (inside.length === 0 && !leaves.has(type) && type !== 'object')
    throw new Error(`paths cannot be found in a schema of type "${type}"`);
  return [schema, ...inside.flatMap(schemasIn)];
}

const known = new WeakMap<z.ZodType, boolean>();

/** Most inputs hold none, and some of those are long. */
function holdsPaths(schema: z.ZodType): boolean {
  let holds = known.get(schema);
  if (holds === undefined) known.set(schema, (holds = schemasIn(schema).some((one) => (one as unknown) === path)));
  return holds;
}

function definitionOf(schema: z.ZodType): Definition {
  return schema.def as unknown as Definition;
}

function parts(schema: z.ZodType, value: unknown): [z.ZodType, unknown][] {
  const { type, shape, element, options, items, innerType } = definitionOf(schema);
  if (leaves.has(type)) return [];
  if (wrappers.has(type)) return [[innerType!, value]];
  if (type === 'object') return Object.entries(shape!).map(([name, part]) => [part, (value as Record<string, unknown>)[name]]);
  if (type === 'array') return (value as unknown[]).map((one) => [element!, one]);
  if (type === 'tuple') return items!.map((item, i) => [item, (value as unknown[])[i]]);
  if (type === 'union') {
    const fitting = options!.filter((option) => option.safeParse(value).success);
    if (fitting.length > 0) return fitting.map((option) => [option, value]);
    throw new Error('the value fits none of the schemas of a union');
  }
  throw new Error(`paths cannot be found in a schema of type "${type}"`);
}
