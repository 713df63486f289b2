import util from 'node:util';

/**
 * Type checks that Node 23 removed from `util` and that tfjs-node 4.22 still calls. `node:util` is one object for all who require
 * it, so they are there for tfjs-node too.
 */
export function restoreLegacyUtil(): void {
  const legacy: Record<string, (value: unknown) => boolean> = {
    isArray: Array.isArray,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNull: (value) => value === null,
    isUndefined: (value) => value === undefined,
    isString: (value) => typeof value === 'string',
    isNumber: (value) => typeof value === 'number',
    isBoolean: (value) => typeof value === 'boolean',
    isObject: (value) => typeof value === 'object' && value !== null,
    isFunction: (value) => typeof value === 'function',
  };
  for (const [name, check] of Object.entries(legacy)) if (!(name in util)) Object.assign(util, { [name]: check });
}
