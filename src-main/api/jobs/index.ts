import type { JobType, ParsedJobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { JobContext } from '../../jobs/queue';
import { analyse } from './analyse';
import { assess } from './assess';
import { compare } from './compare';
import { couple } from './couple';
import { decode } from './decode';
import { dissect } from './dissect';
import { decompose } from './decompose';
import { exportResults } from './export';
import { extract } from './extract';
import { importEmbedding } from './import-embedding';
import { filterImages } from './filter-images';
import { importFmri } from './import-fmri';
import { importLabels } from './import-labels';
import { importModel } from './import-model';
import { importMovie } from './import-movie';
import { mergeShards } from './merge-shards';
import { importTerms } from './import-terms';
import { measurePairs } from './measure-pairs';
import { phantom } from './phantom';
import { relink } from './relink';
import { randomModel } from './random-model';
import { train } from './train';

/** The handler of every kind of job; a missing one does not compile. */
export const jobHandlers = {
  'import-fmri': importFmri,
  'import-movie': importMovie,
  'import-model': importModel,
  'random-model': randomModel,
  train,
  decompose,
  'import-embedding': importEmbedding,
  assess,
  extract,
  'merge-shards': mergeShards,
  couple,
  analyse,
  compare,
  'measure-pairs': measurePairs,
  'import-terms': importTerms,
  decode,
  'import-labels': importLabels,
  'filter-images': filterImages,
  dissect,
  export: exportResults,
  relink,
  phantom,
} satisfies { [Type in JobType]: (input: ParsedJobInput<Type>, context: JobContext) => Promise<unknown> };

/** What a kind of job gives back when it is done. */
export type JobOutput<Type extends JobType> = Awaited<ReturnType<(typeof jobHandlers)[Type]>>;
