import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderAccess } from '../../src-main/api/path-access';
import { Workstation } from '../../src-main/api/workstation';
import { temporaryFolder } from '../e2e/cli';
import { makeSmallCoupling } from '../unit/api/small-coupling';
import { heldBy, type Held } from './held';

/**
 * Opens and closes a project many times, each time asking for what a window shows first and starting a compute process: no process, no
 * file and no memory may be left over. `vite-node test/long/open-close.ts [CYCLES]`
 */
const cycles = Number(process.argv[2] ?? 100);
/** Memory settles during the first cycles: code is compiled, pools are filled. */
const WARM_UP = Math.ceil(cycles / 5);
const MOST_GROWTH_MIB = 32;

const folder = temporaryFolder();
const small = makeSmallCoupling(folder);
const paths = new FolderAccess([dirname(small.folder)], 'choose another');
const workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(folder, 'recent.json'), paths });

async function ask(route: string, input: object = {}): Promise<unknown> {
  const reply = await workstation.answer(route, input);
  if (!reply.ok) throw new Error(`${route}: ${JSON.stringify(reply.error)}`);
  return reply.data;
}

async function cycle(): Promise<void> {
  await ask('app.open', { folder: small.folder });
  for (const route of ['project.info', 'jobs.list', 'data.runs', 'models.list', 'embeddings.list', 'couplings.list'])
    await ask(route);
  await ask('annotations.state', { author: 'Ana', blind: false, embedding: small.embedding });
  // A job that fails at once in its compute process: its model file holds nothing.
  const { id } = (await ask('jobs.start', { type: 'import-model', input: { file: join(small.folder, 'net.onnx') } })) as {
    id: number;
  };
  while ((workstation.activeJobs() ?? 0) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const jobs = (await ask('jobs.list')) as { id: number; state: string }[];
  if (jobs.find((job) => job.id === id)?.state !== 'failed') throw new Error('the job did not fail as it should');
  await ask('app.close');
}

function held(): Held {
  global.gc?.();
  return heldBy(process.pid);
}

for (let i = 0; i < WARM_UP; i++) await cycle();
const before = held();
for (let i = 0; i < cycles; i++) await cycle();
const after = held();
console.log(`${cycles} cycles: before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
await workstation.close();
rmSync(folder, { recursive: true });
const grown = after.mebibytes - before.mebibytes;
if (after.files > before.files + 2 || after.children > before.children || grown > MOST_GROWTH_MIB) {
  console.error('something is left over');
  process.exit(1);
}
process.exit(0);
