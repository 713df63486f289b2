import { createRequire } from 'node:module';

/**
 * Path of the Node that the program runs on: the binary of the npm package for this platform; elsewhere the Node that started
 * this, if it is new enough. Two such packages claim the name `node` in node_modules/.bin, and npm 10 then links neither.
 */
export function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    return createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/bin/node${platform === 'win' ? '.exe' : ''}`);
  } catch {
    if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
    console.error(`syncact: Node ${process.versions.node} is too old (expected 24 or newer): run \`npm ci\`, or install Node 24`);
    process.exit(2);
  }
}
