import { availableParallelism } from 'node:os';
import type { Part } from './run-part';

/** Minutes of one core that the whole fuzzing takes, measured. */
const FUZZ_CORE_MINUTES = 160;

/** The long tests, in the order in which they run; those of one row at the same time. */
export function longParts(options: { minutes: number; share: number; fuzzLedger: string }): Part[][] {
  // All of them: at low priority they leave to mixed use what it asks for, and have the cores for themselves when it has ended.
  const jobs = availableParallelism();
  return [
    [
      {
        name: 'build',
        command: 'electron-vite build --logLevel warn && echo the program is built',
        minutes: 1,
        figures: /is built/,
      },
    ],
    [
      {
        ...{ name: 'pack', command: 'node build/pack.mjs && vite-node test/package/smoke.ts', minutes: 2 },
        figures: /^the staged program works/,
      },
    ],
    [
      {
        ...{ name: 'builder', command: 'vite-node test/package/builder.ts', minutes: 2 },
        ...{ figures: /takes the configuration|apparmor_parser takes/, gaps: /NOT CHECKED/ },
      },
    ],
    [{ name: 'window', command: 'vite-node test/package/window.ts', minutes: 1, figures: /^the packed program opens/ }],
    [{ name: 'open-close', command: 'vite-node test/long/open-close.ts', minutes: 2, figures: /cycles: before/ }],
    [{ name: 'demo-offline', command: 'vite-node test/long/demo-offline.ts', minutes: 4, figures: /^demo without a network:/ }],
    [
      {
        ...{ name: 'graphics-card', command: 'vite-node test/long/graphics-card.ts', minutes: 1 },
        ...{ figures: /^graphics card: all/, gaps: /^NOT TRIED/ },
      },
    ],
    [
      {
        name: 'faults',
        command: 'vitest run test/e2e/faults test/e2e/kill-and-resume test/e2e/bad-input test/unit/project',
        environment: { SYNCACT_FAULT_KILLS: '10' },
        ...{ minutes: 10, figures: /^(Tests|kills) /, gaps: /^Tests .*skipped/ },
      },
    ],
    [
      {
        ...{ name: 'mixed-use', command: `vite-node test/long/mixed-use.ts --minutes ${options.minutes}` },
        ...{ minutes: options.minutes + 3, figures: /^\d+ minutes: |^first third/ },
      },
      {
        ...{ name: 'fuzz', isPolite: true, minutes: (FUZZ_CORE_MINUTES * options.share) / jobs },
        command: `vite-node test/fuzz/run.ts --share ${options.share} --jobs ${jobs} --ledger "${options.fuzzLedger}"`,
        figures: /^\| |^[\d,]+ cases, seed|parts failed/,
      },
    ],
  ];
}
