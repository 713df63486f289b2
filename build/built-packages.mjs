/**
 * Packages that are put into the built program, which uses parts of them: JavaScript alone. Loaded from node_modules each command would
 * begin with a thousand small files, and take twice as long to begin. The others load binaries, data or WebAssembly that lie beside their
 * own files; fflate finds its `require` by a name that the build takes, too.
 */
export const builtPackages = [
  '@stdlib/math-base-special-betainc',
  '@stdlib/math-base-special-erfc',
  'cli-progress',
  'commander',
  'csv-parse',
  'csv-stringify',
  'd3-scale',
  'linear-sum-assignment',
  'markdown-table',
  'ml-matrix',
  'protobufjs',
  'uuid',
  'ws',
  'yauzl',
  'zod',
];
