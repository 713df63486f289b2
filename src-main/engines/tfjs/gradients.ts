import { registerHooks, type ResolveHookContext } from 'node:module';

const RULES = '@tensorflow/tfjs-core/dist/register_all_gradients.js';
const INSIDE = '/@tensorflow/tfjs-core/dist/';

/**
 * Loads tfjs' own gradients. tfjs-core leaves them to the umbrella package, which also brings layers, converters and WebGL (200 MB);
 * they lie in tfjs-core all the same, as ES modules that import one another without extensions, as bundlers allow and Node does not.
 * What they register is global to the process, so it holds for the tfjs-core that everyone else has loaded.
 */
export async function registerGradients(): Promise<void> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      return next(isBare(specifier, context) ? `${specifier}.js` : specifier, context);
    },
    load(url, context, next) {
      return next(url, url.includes(INSIDE) && !url.endsWith('.node.js') ? { ...context, format: 'module' } : context);
    },
  });
  try {
    await import(RULES);
  } finally {
    hooks.deregister();
  }
}

function isBare(specifier: string, { parentURL }: ResolveHookContext): boolean {
  return specifier.startsWith('.') && !/\.[cm]?js$/.test(specifier) && (parentURL?.includes(INSIDE) ?? false);
}
