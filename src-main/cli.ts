import { runCommandLine } from './shell/command-line/program';

/** The command line: `syncact <command>`. */
await runCommandLine(process.argv.slice(2));
