import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that tests put into the temporary folder lies in one of its own, which goes when they are over. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'syncact-tests-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
