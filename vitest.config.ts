import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, the longest first. */
const long = [
  'demo',
  'first-run',
  'method',
  'curate',
  'kill-and-resume',
  'faults-killed',
  'faults-places',
  'screens',
  'cnn',
  'meaning',
  'embedding',
];

/** A long file that begins last keeps one core waiting. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = long.findIndex(
        (name) => /\/test\/(e2e|reference|realdata)\//.test(moduleId) && moduleId.endsWith(`/${name}.test.ts`),
      );
      return place < 0 ? long.length : place;
    };
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

// Test files wait for processes, windows and files for much of their time: with as many as two cores two of them left a third idle.
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/{unit,reference,e2e,realdata}/**/*.test.ts'],
    globalSetup: ['test/temporary-folder.ts'],
    // What a window shows is waited for: how long that takes is for the benchmarks to say.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
  },
});
