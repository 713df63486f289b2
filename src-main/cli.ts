import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { stateFolder } from './api/state-folder';

/** The command line: `syncact <command>`. Its code is compiled once for all commands, which begin sooner then. */
enableCompileCache(join(stateFolder(), 'compiled'));
const { runCommandLine } = await import('./shell/command-line/program');
await runCommandLine(process.argv.slice(2));
