import vue from '@vitejs/plugin-vue';
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import { builtPackages } from './build/built-packages.mjs';
import { inlineScript } from './build/inline-script';

const root = import.meta.dirname;

/** Main has four entries: the three ways in (Electron, browser host, command line) and the compute child process. */
export default defineConfig({
  main: {
    plugins: [inlineScript()],
    build: {
      outDir: 'out/main',
      target: 'node22',
      lib: {
        entry: {
          index: resolve(root, 'src-main/index.ts'),
          web: resolve(root, 'src-main/web.ts'),
          cli: resolve(root, 'src-main/cli.ts'),
          compute: resolve(root, 'src-main/compute/main.ts'),
        },
        formats: ['es'],
      },
      externalizeDeps: { exclude: builtPackages },
      sourcemap: true,
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      lib: { entry: { index: resolve(root, 'src-preload/index.ts') }, formats: ['cjs'] },
      rollupOptions: { output: { entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: resolve(root, 'src-renderer'),
    plugins: [vue()],
    build: {
      outDir: resolve(root, 'out/renderer'),
      rollupOptions: { input: resolve(root, 'src-renderer/index.html') },
    },
  },
});
