import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeNpz } from '../../../src-main/files/npz';

/** A small meta-analytic database in the layout of Neurosynth 7; any part may be replaced to make it wrong. */
export interface MadeUpDatabase {
  metadata: string[][];
  coordinates: string[][];
  terms: string[];
  /** [studies][terms] */
  weights: number[][];
  topics?: string;
}

const PREFIX = 'data-madeup_version-1';

/** Six studies: three around (40, −20, 10) that use "hearing", three around (−30, −90, 0) that use "sight"; "both" is in all but one. */
export function twoPlaces(): MadeUpDatabase {
  const near = (id: number, x: number, y: number, z: number) => [String(id), String(x), String(y), String(z)];
  return {
    metadata: [
      ['11', 'MNI'],
      ['12', 'MNI'],
      ['13', 'MNI'],
      ['21', 'MNI'],
      ['22', 'TAL'],
      ['23', 'UNKNOWN'],
    ],
    coordinates: [
      near(11, 40, -20, 10),
      near(11, 42, -20, 10),
      near(21, -30, -90, 0),
      near(12, 41, -22, 8),
      near(13, 38, -18, 12),
      near(22, -28, -88, 2),
      near(23, -32, -92, -2),
    ],
    terms: ['hearing', 'sight', 'both'],
    weights: [
      [0.3, 0, 0.2],
      [0.2, 0, 0.2],
      [0.1, 0, 0.2],
      [0, 0.3, 0.2],
      [0, 0.2, 0.2],
      [0, 0.1, 0],
    ],
  };
}

/** Writes it, features as compressed columns or rows. */
export async function writeDatabase(
  folder: string,
  { metadata, coordinates, terms, weights, topics }: MadeUpDatabase,
  { format = 'csc', featureType = 'tfidf', gzip = true }: { format?: 'csc' | 'csr'; featureType?: string; gzip?: boolean } = {},
): Promise<void> {
  const table = async (name: string, rows: string[][]) => {
    const text = rows.map((row) => `${row.join('\t')}\n`).join('');
    await writeFile(join(folder, `${PREFIX}_${name}.tsv${gzip ? '.gz' : ''}`), gzip ? gzipSync(text) : text);
  };
  await table('metadata', [['id', 'space'], ...metadata]);
  await table('coordinates', [['id', 'x', 'y', 'z'], ...coordinates]);
  const vocabulary = `${PREFIX}_vocab-words`;
  await writeFile(join(folder, `${vocabulary}_vocabulary.txt`), terms.join('\n'));
  if (topics !== undefined) await writeFile(join(folder, `${vocabulary}_keys.tsv`), topics);
  await writeNpz(
    join(folder, `${vocabulary}_source-abstract_type-${featureType}_features.npz`),
    sparse(weights, terms.length, format),
  );
}

function sparse(weights: number[][], terms: number, format: 'csc' | 'csr') {
  const major = format === 'csc' ? Array.from({ length: terms }, (_, term) => weights.map((row) => row[term]!)) : weights;
  const indices: number[] = [];
  const data: number[] = [];
  const pointers = [0];
  for (const line of major) {
    for (const [place, weight] of line.entries()) {
      if (weight === 0) continue;
      indices.push(place);
      data.push(weight);
    }
    pointers.push(indices.length);
  }
  const whole = (values: number[]) => ({ shape: [values.length], data: Int32Array.from(values) });
  return [
    ['indices', whole(indices)],
    ['indptr', whole(pointers)],
    ['shape', { shape: [2], data: BigInt64Array.from([weights.length, terms], BigInt) }],
    ['data', { shape: [data.length], data: Float64Array.from(data) }],
  ] as const;
}
