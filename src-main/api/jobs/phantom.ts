import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhantomFiles } from '../../../src-preload/shared/contract/phantom-tasks';
import { jobInputs, type JobInput, type ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import { writeContentAtomically } from '../../files/atomic-write';
import type { JobContext } from '../../jobs/queue';
import { PHANTOM_FOLDER, PHANTOM_MODEL } from '../recovery';
import { programVersion } from '../version';
import { couple } from './couple';
import { extract } from './extract';
import { importFmri } from './import-fmri';
import { importModel } from './import-model';
import { importMovie } from './import-movie';
import { train, type TrainOutput } from './train';

/**
 * What is trained with on the phantom where nothing is said. The linear embedding is identified only up to a mixing of its FBNs:
 * with many more FBNs than networks, and few enough steps not to fit noise, single FBNs show single networks (docs/phantom.md).
 */
export const phantomTrainings = {
  lt: { fbns: 256, epochs: 30, batchSize: 4, learningRate: 0.003 },
  'lt-lstm': { fbns: 64, epochs: 20, batchSize: 4, learningRate: 0.01 },
  'lt-msa': { fbns: 64, epochs: 20, batchSize: 4, learningRate: 0.003 },
} as const;

/** The whole method on a phantom inside the project; run again, it goes on where it stopped. */
export async function phantom(input: ParsedJobInput<'phantom'>, context: JobContext): Promise<TrainOutput> {
  const data = await phantomData(input, context);
  await importFmri(jobInputs['import-fmri'].parse({ source: { bids: data.bidsFolder } }), context);
  for (const { movieRun, video } of data.movies) {
    const movie: JobInput<'import-movie'> = { movieRun, source: { video }, trSeconds: data.trSeconds };
    await importMovie(jobInputs['import-movie'].parse(movie), context);
  }
  await importModel(jobInputs['import-model'].parse({ file: data.model, name: PHANTOM_MODEL }), context);
  const { fbns = phantomTrainings.lt.fbns, epochs = phantomTrainings.lt.epochs } = input;
  const embedding = await train(jobInputs.train.parse({ ...phantomTrainings.lt, fbns, epochs }), context);
  await extract(jobInputs.extract.parse({ model: PHANTOM_MODEL, layers: 'blocks' }), context);
  await couple(jobInputs.couple.parse({ embedding: embedding.embedding }), context);
  return embedding;
}

/** Generates the raw data, or finds those of an earlier start with the same settings. */
async function phantomData(input: ParsedJobInput<'phantom'>, { project, runTask }: JobContext): Promise<PhantomFiles> {
  const { noise, seed, subjects } = input;
  const folder = join(project.folder, `${PHANTOM_FOLDER}-${seed}-${noise}-${subjects ?? 'all'}`);
  const finished = join(folder, 'generated.json');
  if (existsSync(finished)) return JSON.parse(readFileSync(finished, 'utf8')) as PhantomFiles;
  const request = { folder, noise, seed, version: programVersion, ...(subjects !== undefined && { subjects }) };
  const files = await runTask('generate-phantom', request);
  await writeContentAtomically(finished, JSON.stringify(files));
  return files;
}
