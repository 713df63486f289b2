import { runCommandLine } from './shell/command-line/program';

/** The browser host on its own: `node out/main/web.js DIR [--port N]`, the same as `syncact web`. */
await runCommandLine(['web', ...process.argv.slice(2)]);
