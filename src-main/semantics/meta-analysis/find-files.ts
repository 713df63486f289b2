import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../src-preload/shared/domain/errors';

/** The files of one vocabulary of a database in the layout that Neurosynth 7 and NeuroQuery share. */
export interface DatabaseFiles {
  /** "neurosynth version 7". */
  database: string;
  /** "LDA50", "terms". */
  vocabulary: string;
  coordinates: string;
  metadata: string;
  features: string;
  terms: string;
  /** Words of each topic, where the vocabulary is one of topics. */
  topics: string | null;
  /** What the features are: "tfidf", "weight". */
  featureType: string;
}

const FEATURES = /^data-(.+)_version-(.+)_vocab-(.+)_source-(.+)_type-(.+)_features\.npz$/;

/** Every vocabulary whose files are complete in a folder. @throws UserError naming what is missing where there is none */
export function findVocabularies(folder: string): DatabaseFiles[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError({
      code: 'file-missing',
      what: 'there is no such folder',
      file: folder,
      remedy: 'name the folder of the database’s files',
    });
  const names = readdirSync(folder).sort();
  const matches = names.map((name) => FEATURES.exec(name)).filter((match) => match !== null);
  if (matches.length === 0) {
    const vocabularies = names.filter((name) => name.endsWith('_vocabulary.txt'));
    throw new UserError({
      code: 'file-kind',
      what: 'the folder has no features of a meta-analytic database',
      file: folder,
      expected:
        'data-NAME_version-V_vocab-VOCABULARY_source-abstract_type-…_features.npz beside coordinates, metadata and vocabulary',
      found: vocabularies.length > 0 ? `only ${vocabularies.join(', ')}` : `${names.length} other files`,
      remedy: 'download it from the database’s repository',
    });
  }
  return matches.map((match) => {
    const [features, name, version, vocabulary, , featureType] = match;
    const prefix = `data-${name}_version-${version}`;
    const keys = names.find((other) => other === `${prefix}_vocab-${vocabulary}_keys.tsv`);
    return {
      ...{ database: `${name} version ${version}`, vocabulary: vocabulary!, featureType: featureType! },
      coordinates: requireFile(folder, `${prefix}_coordinates.tsv`),
      metadata: requireFile(folder, `${prefix}_metadata.tsv`),
      features: join(folder, features),
      terms: requireFile(folder, `${prefix}_vocab-${vocabulary}_vocabulary.txt`),
      topics: keys ? join(folder, keys) : null,
    };
  });
}

/** The files of one vocabulary, or of the only one there is. @throws UserError naming the ones there are */
export function chooseVocabulary(folder: string, vocabulary: string | undefined): DatabaseFiles {
  const all = findVocabularies(folder);
  const wanted = all.filter((files) => vocabulary === undefined || files.vocabulary === vocabulary);
  if (wanted.length === 1) return wanted[0]!;
  const names = all.map((files) => files.vocabulary).join(', ');
  throw new UserError({
    code: 'ambiguous',
    what: wanted.length === 0 ? `the folder has no vocabulary "${vocabulary}"` : 'the folder has several vocabularies',
    file: folder,
    expected: wanted.length === 0 ? `one of ${names}` : `one of them named: ${names}`,
    remedy: 'pass --vocabulary NAME',
  });
}

/** The terms of a vocabulary, in the order of the features' columns. @throws UserError where one is there twice */
export function readVocabulary(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const terms = lines.map((line) => line.trim());
  const seen = new Set<string>();
  for (const [i, term] of terms.entries()) {
    if (term === '')
      throw new UserError({ code: 'file-content', what: 'the vocabulary has an empty line', file: path, found: `line ${i + 1}` });
    if (seen.has(term))
      throw new UserError({
        code: 'duplicate',
        what: `the vocabulary has "${term}" twice`,
        file: path,
        found: `again in line ${i + 1}`,
      });
    seen.add(term);
  }
  if (terms.length === 0)
    throw new UserError({ code: 'file-content', what: 'the vocabulary is empty', file: path, expected: 'one term a line' });
  return terms;
}

/** The words of each topic, most typical first: lines of number, weight, words (MALLET's keys file). */
export function readTopicWords(path: string, topics: number): string[][] {
  const words: string[][] = Array.from({ length: topics }, () => []);
  for (const line of readFileSync(path, 'utf8').split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [number, , text] = line.split('\t');
    const topic = Number(number);
    if (!Number.isInteger(topic) || topic < 0 || topic >= topics || text === undefined) {
      throw new UserError({
        code: 'file-content',
        what: 'the words of the topics cannot be read',
        file: path,
        expected: `lines of a topic’s number (0 to ${topics - 1}), its weight and its words, separated by tabs`,
        found: line.slice(0, 60),
      });
    }
    words[topic] = text.trim().split(/\s+/);
  }
  return words;
}

/** A file that may be there packed. */
function requireFile(folder: string, name: string): string {
  for (const candidate of [`${name}.gz`, name]) if (existsSync(join(folder, candidate))) return join(folder, candidate);
  throw new UserError({
    code: 'file-missing',
    what: `a file of the database is missing`,
    file: folder,
    expected: `${name} or ${name}.gz`,
    remedy: 'download it from the database’s repository',
  });
}
