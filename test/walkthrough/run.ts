import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FULL_SIZE, walkThroughTenCnns } from './ten-cnns';

/**
 * `npm run ten-cnns [-- --frames 400 --width 128 --height 90 --models resnet18,vgg16]`: see docs/ten-cnns.md. One JSON document on
 * standard output, progress on standard error.
 */
const { values } = parseArgs({
  options: { frames: { type: 'string' }, width: { type: 'string' }, height: { type: 'string' }, models: { type: 'string' } },
});
const size = {
  ...FULL_SIZE,
  ...(values.frames && { frames: Number(values.frames) }),
  ...(values.width && { width: Number(values.width) }),
  ...(values.height && { height: Number(values.height) }),
  ...(values.models && { models: values.models.split(',') }),
};
const folder = mkdtempSync(join(tmpdir(), 'syncact-ten-cnns-'));
try {
  const report = await walkThroughTenCnns(size, folder, (line) => console.error(line));
  console.log(JSON.stringify(report, null, 1));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
