// `npm run check`: types, rules and layout of the sources. Types beside the rest: on two cores a quarter of the time is won.
import { spawn } from 'node:child_process';

const types = (project, program = 'tsc') =>
  `${program} -p ${project} --incremental --tsBuildInfoFile node_modules/.cache/${project.replace(/[^a-z]+/g, '-')}.tsbuildinfo`;
const rows = [
  [types('.'), types('test/e2e/browser'), types('src-renderer', 'vue-tsc')],
  [
    'eslint . --max-warnings 0 --cache --cache-strategy content --cache-location node_modules/.cache/eslint/',
    'prettier --check --cache --log-level warn .',
  ],
];
const ended = await Promise.all(rows.map(runRow));
process.exit(ended.every((code) => code === 0) ? 0 : 1);

/** Runs commands one after another, all of them even where one fails. @returns the last exit code that is not 0 */
async function runRow(commands) {
  let failed = 0;
  for (const command of commands) {
    const code = await run(command);
    if (code !== 0) console.error(`${command.split(' ')[0]} failed (exit code ${code})`);
    failed = code || failed;
  }
  return failed;
}

/** What it writes is shown when it has ended: two write at the same time. */
function run(command) {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '1' } });
  const written = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => written.push(chunk));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(written));
      resolve(code ?? 1);
    });
  });
}
