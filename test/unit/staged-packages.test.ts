import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectLicences, shippedPackages } from '../../build/staged-packages.mjs';

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

test('every package says its licence, and the text of each is among the licences', () => {
  const text = collectLicences(root, packages);
  const [withoutText] = text.split('='.repeat(100)).slice(-1);
  expect(withoutText).not.toMatch(/as its text says/);
  for (const { name, version } of packages) expect(text).toContain(`${name} ${version}\nLicence: `);
  expect(text).toMatch(/GNU GENERAL PUBLIC LICENSE|GPL/);
  expect(text).toMatch(/Permission is hereby granted, free of charge/);
});
