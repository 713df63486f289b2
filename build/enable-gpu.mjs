// `npm run enable:tfjs-gpu`, `npm run enable:cuda`: fetch the native libraries that a normal install leaves out (they are large and
// come from outside the npm registry), and try whether they load. Nothing else of the program needs them.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './pinned-node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const platform = `${process.platform}-${process.arch}`;

const parts = {
  'tfjs-gpu': {
    package: '@tensorflow/tfjs-node-gpu',
    platforms: ['linux-x64', 'win32-x64'],
    what: 'TensorFlow 2.9.1 for CUDA 11.2 with cuDNN 8.1 (about 400 MB)',
    // Both are asked: the library comes from the first, the addon that binds it from the second.
    sources: [
      `${process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/'}tensorflow/libtensorflow/`,
      'https://storage.googleapis.com/tf-builds/pre-built-binary/',
    ],
    command: ['scripts/install.js', 'gpu', 'download'],
    environment: {},
    otherwise:
      'name a mirror of storage.googleapis.com with TFJS_NODE_CDN_STORAGE=https://…/, or copy the folders "deps" and "lib" of ' +
      'node_modules/@tensorflow/tfjs-node-gpu from a machine where this command has worked',
    // As src-main/engines/tfjs does before it loads the package.
    check:
      "const util = require('util'); util.isArray ??= Array.isArray; util.isNullOrUndefined ??= (x) => x === null || x === undefined;" +
      "const tf = require('@tensorflow/tfjs-node-gpu'); console.log('loaded; it uses ' + (tf.backend().isUsingGpuDevice ? 'the GPU' : 'the CPU: no GPU, or no CUDA 11 beside it'));",
    use: 'syncact train DIR --engine tfjs --device cuda',
  },
  cuda: {
    package: 'onnxruntime-node',
    platforms: ['linux-x64'],
    what: 'the CUDA 12 provider of ONNX Runtime (about 300 MB; it needs CUDA 12 and cuDNN 9 on the machine)',
    sources: ['https://api.nuget.org/v3/index.json'],
    command: ['script/install.js'],
    environment: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
    otherwise:
      'copy libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so into node_modules/onnxruntime-node/bin/napi-v6/linux/x64 ' +
      'from a machine where this command has worked',
    // The provider is loaded before the model is read, which is none here.
    check:
      "const ort = require('onnxruntime-node'); ort.InferenceSession.create(Buffer.from('none'), { executionProviders: ['cuda'] })" +
      ".catch((e) => { if (/ExecutionProvider_Cuda/.test(String(e))) { console.error(String(e)); process.exit(1); } console.log('loaded'); });",
    use: 'syncact train DIR --device cuda',
  },
};

const part = parts[process.argv[2]];
if (!part) fail(`there is no part "${process.argv[2]}": ${Object.keys(parts).join(', ')}`);
if (!part.platforms.includes(platform)) fail(`there is ${part.what} for ${part.platforms.join(', ')} only; this is ${platform}`);

let folder;
try {
  folder = dirname(require.resolve(`${part.package}/package.json`));
} catch {
  fail(`the package ${part.package} is not installed: run \`npm ci\` first (without --omit=optional)`);
}

// Behind a proxy, which the installers know how to ask and fetch does not, there is nothing to be learned beforehand.
const isProxied = Boolean(process.env.HTTPS_PROXY ?? process.env.https_proxy);
for (const source of isProxied ? [] : part.sources) {
  // Any answer will do: a folder has no page of its own.
  const failure = await fetch(source, { method: 'HEAD', signal: AbortSignal.timeout(20_000) }).then(
    () => undefined,
    (caught) => caught.cause?.message || caught.message,
  );
  if (failure) fail(`${source} cannot be reached from here (${failure})`, part.otherwise);
}

console.error(`fetching ${part.what} …`);
const run = (args, options) => {
  const path = [dirname(pinnedNode()), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return spawnSync(pinnedNode(), args, { ...options, env: { ...process.env, ...part.environment, PATH: path } });
};
const installed = run(part.command, { cwd: folder, stdio: 'inherit' });
if (installed.status !== 0) fail(`the download failed (exit code ${installed.status}; see above)`, part.otherwise);

const loaded = run(['-e', part.check], { cwd: root, encoding: 'utf8' });
if (loaded.status !== 0) fail(`what was fetched does not load: ${lastLine(loaded.stderr)}`, part.otherwise);
console.error(`${loaded.stdout.trim()}\nuse it with: ${part.use}`);

function lastLine(text) {
  const lines = text.trim().split('\n');
  return lines.find((line) => /Error|cannot open|not found/.test(line)) ?? lines.at(-1);
}

function fail(what, otherwise) {
  console.error(`${what}.`);
  if (otherwise) console.error(`Without it: ${otherwise}. Trainings run all the same on the devices that are there.`);
  process.exit(1);
}
