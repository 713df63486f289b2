import { UserError } from '../../../src-preload/shared/domain/errors';
import { readTableRows } from '../table-rows';
import { readTopicWords, readVocabulary, type DatabaseFiles } from './find-files';
import { StudiesBuilder, type Studies } from './studies';
import { readTermStudies, type TermStudies } from './term-studies';

/** A meta-analytic database with one vocabulary, ready for maps. */
export interface MetaAnalyticDatabase {
  studies: Studies;
  terms: string[];
  /** By topic; null where the terms are words themselves. */
  topicWords: string[][] | null;
  termStudies: TermStudies;
}

export interface ReadDatabaseOptions {
  /** Weight above which a study counts as one of a term; the usual one of the kind of features where left out. */
  threshold: number;
  /** What to do with peaks whose space is unknown. */
  unknownSpace: 'mni' | 'skip';
  signal?: AbortSignal;
}

/**
 * The weight above which a study is one of a term, as Neurosynth uses them: 0.001 of the tf-idf of a word; 0.05 of a topic's
 * weight (Poldrack et al. 2012, doi:10.1371/journal.pcbi.1002707).
 */
export function usualThreshold(featureType: string): number {
  return featureType === 'weight' ? 0.05 : 0.001;
}

/** Reads a database in the layout that Neurosynth 7 and NeuroQuery share. @throws UserError where its files do not agree */
export async function readDatabase(files: DatabaseFiles, options: ReadDatabaseOptions): Promise<MetaAnalyticDatabase> {
  const { signal } = options;
  const builder = new StudiesBuilder(options.unknownSpace);
  await readTableRows(
    files.metadata,
    { required: ['id'], optional: ['space'], ...(signal && { signal }) },
    ({ id, space, line }) => {
      if (builder.addStudy(id, space ?? '')) return;
      throw new UserError({
        code: 'duplicate',
        what: `study ${id} is there twice`,
        file: files.metadata,
        found: `again in line ${line}`,
      });
    },
  );
  const columns = { required: ['id', 'x', 'y', 'z'] as const, ...(signal && { signal }) };
  await readTableRows(files.coordinates, columns, ({ id, x, y, z }) =>
    builder.addPeak(id, toNumber(x), toNumber(y), toNumber(z)),
  );
  const studies = builder.build();
  if (studies.summary.peaks === 0) {
    const found = `${studies.summary.unreadablePeaks} rows that belong to no study of the metadata or are no numbers`;
    throw new UserError({ code: 'too-little-data', what: 'the database has no usable peaks', file: files.coordinates, found });
  }
  const terms = readVocabulary(files.terms);
  const size = { studies: studies.ids.length, terms: terms.length };
  return {
    ...{ studies, terms },
    topicWords: files.topics ? readTopicWords(files.topics, terms.length) : null,
    termStudies: await readTermStudies(files.features, size, options.threshold),
  };
}

function toNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
