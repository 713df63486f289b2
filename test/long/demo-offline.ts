import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { canRunAlone, reachAlone, runAlone } from '../e2e/alone';
import { temporaryFolder } from '../e2e/cli';
import { notRun } from './not-run';

/** `demo` from the phantom to the tables where there is no network at all; some minutes. */
if (!canRunAlone()) notRun('demo without a network', 'this machine lets nobody make a network of their own (unshare --net)');
if (reachAlone() !== 'ENETUNREACH') throw new Error('something can be reached in a network without routes');
const folder = temporaryFolder();
const cli = join(import.meta.dirname, '../../out/main/cli.js');
const { status, stdout, stderr } = runAlone([process.execPath, cli, 'demo', join(folder, 'demo'), '--json'], 1800);
rmSync(folder, { recursive: true });
if (status !== 0) throw new Error(`demo ended with ${status} where there is no network: ${stderr.slice(-2000)}`);
const { planted, recovered, seconds } = JSON.parse(stdout) as {
  planted: number;
  recovered: { fbnToFilter: number; filterToFbn: number };
  seconds: number;
};
const least = 0.9 * planted;
console.log(
  `demo without a network: ${recovered.fbnToFilter} and ${recovered.filterToFbn} of ${planted} pairs in ${Math.round(seconds)} s`,
);
if (planted < 8 || recovered.fbnToFilter < least || recovered.filterToFbn < least)
  throw new Error('fewer pairs than with a network');
process.exit(0);
