import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// The compute processes share the machine's cores: two test files at a time keep timings of long tests predictable.
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/{unit,reference,e2e,realdata}/**/*.test.ts'],
    globalSetup: ['test/temporary-folder.ts'],
    // What a window shows is waited for: how long that takes is for the benchmarks to say.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    pool: 'forks',
  },
});
