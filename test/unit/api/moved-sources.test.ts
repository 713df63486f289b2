import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tellingWhereSourcesAre } from '../../../src-main/api/moved-sources';
import type { JobContext } from '../../../src-main/jobs/queue';
import { toErrorReport } from '../../../src-preload/shared/domain/errors';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { everySource, makeEverySource } from './every-source';

/** What is said of a job that reads a file which is not there. */
async function remedyOf(context: JobContext, file: string): Promise<string | undefined> {
  const job: (input: never, of: JobContext) => Promise<unknown> = () => readFile(file);
  const caught: unknown = await tellingWhereSourcesAre(job)(undefined as never, context).catch((error) => error);
  const report = toErrorReport(caught);
  return report.kind === 'user' ? report.details.remedy : undefined;
}

test('a job that misses a source says how to tell where it is, of any other file only that it is not there', async () => {
  const { folder, old, project } = await makeEverySource();
  const context = { ...quietContext(), project } as unknown as JobContext;
  rmSync(old, { recursive: true });
  for (const source of [join(old, everySource.scan), join(old, everySource.frames, 'frame-1.png')])
    expect(await remedyOf(context, source)).toContain('syncact relink');
  expect(await remedyOf(context, join(folder, 'another.nii'))).toBe('check the path');
  project.close();
});
