// Asks npm's service for known defects of the packages that are shipped. It is not reachable everywhere: that it did not run is said
// aloud and fails nothing; what it finds does.
import { spawnSync } from 'node:child_process';
import { judgeAudit } from './audit-verdict.mjs';

const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { stdout, error } = spawnSync(command, ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=10000'], {
  encoding: 'utf8',
  timeout: 60_000,
});
const { line, failed } = judgeAudit(error ? undefined : stdout);
console.error(line);
process.exit(failed ? 1 : 0);
