import { build, type Plugin, type Rolldown } from 'vite';

const SUFFIX = '?script';

/**
 * `import code from './page.ts?script'` gives a browser script as text: the file with all that it imports, in one piece. What is
 * written into files that stand alone is made so.
 */
export function inlineScript(): Plugin {
  return {
    name: 'syncact-inline-script',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith(SUFFIX)) return undefined;
      const lib = { entry: id.slice(0, -SUFFIX.length), formats: ['iife' as const], name: 'page' };
      const made = await build({
        ...{ configFile: false, publicDir: false, logLevel: 'warn' },
        build: { write: false, target: 'es2022', minify: true, lib },
      });
      const { output } = [made].flat()[0] as Rolldown.RolldownOutput;
      const script = output.find((one) => one.type === 'chunk');
      if (!script || output.length > 1) throw new Error(`${id} did not become one script`);
      for (const file of Object.keys(script.modules)) this.addWatchFile(file);
      return `export default ${JSON.stringify(script.code)};`;
    },
  };
}
