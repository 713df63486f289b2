import { basename, join } from 'node:path';
import type { TermSource } from '../../../src-preload/shared/contract/semantics-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { createMatrix } from '../../../src-preload/shared/domain/matrix';
import { fbnMaps } from '../../embedding/encode';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { hashFile } from '../../files/hash';
import { readMask } from '../../fmri/mask';
import { ActivationCache } from '../../project/activation-cache';
import { decodeMaps } from '../../semantics/decode';
import { chooseVocabulary } from '../../semantics/meta-analysis/find-files';
import { computeTermMaps } from '../../semantics/meta-analysis/compute-term-maps';
import { readDatabase, usualThreshold, type MetaAnalyticDatabase } from '../../semantics/meta-analysis/read-database';
import { openTermMaps } from '../../semantics/meta-analysis/term-map-file';
import { readNimareDataset } from '../../semantics/meta-analysis/read-nimare';
import { spatialNull } from '../../semantics/spatial-null/spatial-null';
import { findReadyMaps, writeReadyMaps } from '../../semantics/ready-maps';
import type { TaskContext, TaskHandler } from '../process';

/** What a source of terms is, with the hashes of its files. */
export const inspectTermsTask: TaskHandler<'inspect-terms'> = async ({ source, mask: { file, grid } }, context) => {
  const mask = await readMask(file, grid ?? undefined);
  const { paths, ...found } = findSource(source);
  const files = [];
  for (const [index, path] of paths.entries()) {
    throwIfCancelled(context.signal);
    context.progress({ stage: 'reading the files', done: index, total: paths.length, unit: 'files' });
    files.push({ path, hash: await hashFile(path, context.signal) });
  }
  return { ...found, files, mask: { hash: mask.hash, voxels: mask.voxels.length, grid: mask.grid } };
};

interface FoundSource {
  name: string;
  featureType: string | null;
  usualThreshold: number | null;
  paths: string[];
}

function findSource(source: TermSource): FoundSource {
  if ('maps' in source) {
    const paths = findReadyMaps(source.maps).map(({ file }) => file);
    return { name: basename(source.maps), featureType: null, usualThreshold: null, paths };
  }
  if ('nimare' in source) {
    const name = basename(source.nimare).replace(/\.json(\.gz)?$/i, '');
    return { name, featureType: 'tfidf', usualThreshold: usualThreshold('tfidf'), paths: [source.nimare] };
  }
  const files = chooseVocabulary(source.database, source.vocabulary);
  const { database, vocabulary, featureType, coordinates, metadata, features, terms, topics } = files;
  return {
    ...{ name: `${database} ${vocabulary}`, featureType, usualThreshold: usualThreshold(featureType) },
    paths: [coordinates, metadata, features, terms, ...(topics ? [topics] : [])],
  };
}

/** The map of every term, written into the project. */
export const termMapsTask: TaskHandler<'term-maps'> = async (input, context) => {
  const mask = await readMask(input.mask.file, input.mask.grid ?? undefined);
  const { source, output, pieces } = input;
  if ('maps' in source) {
    const maps = findReadyMaps(source.maps);
    await writeReadyMaps(maps, mask, output, context);
    const nothing = { topicWords: null, studies: null, associatedVoxels: null, summary: null };
    return { ...nothing, terms: maps.map(({ term }) => term), fileHash: await hashFile(output) };
  }
  const database = await read(source, input, context);
  const { studies, associatedVoxels } = await computeTermMaps({ database, mask, output, pieces }, context);
  return {
    ...{ terms: database.terms, topicWords: database.topicWords, summary: database.studies.summary },
    ...{ studies: [...studies], associatedVoxels: [...associatedVoxels], fileHash: await hashFile(output) },
  };
};

function read(
  source: Exclude<TermSource, { maps: string }>,
  { threshold, unknownSpace }: { threshold: number; unknownSpace: 'mni' | 'skip' },
  context: TaskContext,
): Promise<MetaAnalyticDatabase> {
  context.progress({ stage: 'reading the studies', done: 0, total: 0, unit: 'studies' });
  const options = { threshold, unknownSpace, signal: context.signal };
  if ('nimare' in source) return readNimareDataset(source.nimare, options);
  return readDatabase(chooseVocabulary(source.database, source.vocabulary), options);
}

/** Compares the FBNs of an embedding with the terms of vocabularies, and with random maps where asked; what is there already stays. */
export const decodeTask: TaskHandler<'decode'> = async (input, context) => {
  const maps = await fbnMaps(join(input.project, input.best));
  const mask = await readMask(join(input.project, input.mask));
  const cache = ActivationCache.open(input.activations);
  try {
    for (const { name, file, key, spatialNull: wanted } of input.vocabularies) {
      const terms = await openTermMaps(join(input.project, file));
      const named: TaskContext = {
        ...context,
        progress: (progress) => context.progress({ ...progress, stage: `${progress.stage} (${name})` }),
      };
      if (!cache.hasCorrelation(key)) cache.writeCorrelation(key, await decodeMaps(maps, mask, terms, onnxruntimeEngine, named));
      if (wanted && !cache.hasCorrelation(wanted.key)) {
        const r = cache.readCorrelation(key)!;
        const { p, familyP } = await spatialNull({ maps, mask, terms, r, ...wanted }, onnxruntimeEngine, named);
        const both = createMatrix(2 * r.rows, r.columns);
        both.data.set(p.data);
        both.data.set(familyP.data, p.data.length);
        cache.writeCorrelation(wanted.key, both);
      }
      await terms.close();
    }
  } finally {
    cache.close();
  }
  return null;
};
