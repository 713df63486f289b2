import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { MetaAnalyticDatabase, ReadDatabaseOptions } from './read-database';
import { StudiesBuilder } from './studies';
import { collectTermStudies } from './term-studies';

/** V8 holds no longer text. */
const LONGEST_TEXT = 0x1fffffe8;

const numbers = z.array(z.number().nullable());
const contrastSchema = z.object({
  coords: z.object({ space: z.string().nullish(), x: numbers, y: numbers, z: numbers }).optional(),
  labels: z.record(z.string(), z.number().nullable()).optional(),
});
const datasetSchema = z.record(z.string(), z.object({ contrasts: z.record(z.string(), contrastSchema) }));

/**
 * Reads a dataset of NiMARE: studies of contrasts, each with its coordinates and labels ("terms_abstract_tfidf__amygdala": 0.12).
 * Every contrast counts as one study, as it does there.
 */
export async function readNimareDataset(path: string, options: ReadDatabaseOptions): Promise<MetaAnalyticDatabase> {
  const dataset = parseDataset(await readText(path), path);
  const builder = new StudiesBuilder(options.unknownSpace);
  const places = new Map<string, number>();
  const entries: [number, number, number][] = [];
  let study = 0;
  for (const [id, { contrasts }] of Object.entries(dataset)) {
    for (const [contrast, { coords, labels }] of Object.entries(contrasts)) {
      const name = `${id}-${contrast}`;
      builder.addStudy(name, coords?.space ?? '');
      addPeaks(builder, name, coords, path);
      for (const [label, weight] of Object.entries(labels ?? {})) {
        if (!places.has(label)) places.set(label, places.size);
        entries.push([study, places.get(label)!, weight ?? 0]);
      }
      study++;
    }
  }
  const studies = builder.build();
  if (studies.summary.peaks === 0 || places.size === 0) {
    throw new UserError({
      code: 'file-kind',
      what: 'the dataset cannot be used for term maps',
      file: path,
      expected: 'contrasts with coordinates and labels',
      found: `${studies.summary.peaks} peaks and ${places.size} labels`,
      remedy: 'annotate it with terms in NiMARE, or import Neurosynth’s own files',
    });
  }
  const labels = [...places.keys()];
  const termStudies = collectTermStudies(entries, labels.length, options.threshold);
  return { studies, terms: shortNames(labels), topicWords: null, termStudies };
}

/** Labels without what all of them begin with ("Neurosynth_TFIDF__"), unless two became one. */
function shortNames(labels: readonly string[]): string[] {
  const short = labels.map((label) => label.replace(/^.*__/, ''));
  return new Set(short).size === labels.length ? short : [...labels];
}

function addPeaks(builder: StudiesBuilder, id: string, coords: z.infer<typeof contrastSchema>['coords'], path: string): void {
  if (!coords) return;
  const { x, y, z } = coords;
  if (x.length !== y.length || x.length !== z.length) {
    throw new UserError({
      code: 'does-not-fit',
      what: `the coordinates of ${id} are of different length`,
      file: path,
      found: `${x.length} x, ${y.length} y, ${z.length} z`,
    });
  }
  for (let peak = 0; peak < x.length; peak++) builder.addPeak(id, x[peak] ?? NaN, y[peak] ?? NaN, z[peak] ?? NaN);
}

function parseDataset(text: string, path: string): z.infer<typeof datasetSchema> {
  const refuse = (found: string) =>
    new UserError({
      code: 'file-kind',
      what: 'this is no dataset of NiMARE',
      file: path,
      expected: 'JSON as Dataset.save or nimare.io.convert_… writes it: studies of contrasts with coords and labels',
      found,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (caught) {
    throw refuse(caught instanceof Error ? caught.message : 'no JSON');
  }
  const parsed = datasetSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refuse(`${issue?.path.slice(0, 4).join('.') || 'content'}: ${issue?.message}`);
}

async function readText(path: string): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  const source = createReadStream(path);
  const stream = /\.gz$/i.test(path) ? pipeline(source, createGunzip(), () => {}) : source;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > LONGEST_TEXT) {
      throw new UserError({
        code: 'file-too-large',
        what: 'the dataset is too large',
        file: path,
        expected: 'less than 512 MB of JSON',
        remedy: 'import the database’s own files (coordinates, metadata, features, vocabulary) instead',
      });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
