import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMask, type Mask } from '../../../src-main/fmri/mask';
import { associationZ, fdrThreshold, twoSidedP, uniformityZ } from '../../../src-main/semantics/meta-analysis/association';
import { computeTermMaps } from '../../../src-main/semantics/meta-analysis/compute-term-maps';
import { chooseVocabulary } from '../../../src-main/semantics/meta-analysis/find-files';
import { readDatabase, type ReadDatabaseOptions } from '../../../src-main/semantics/meta-analysis/read-database';
import { readNimareDataset } from '../../../src-main/semantics/meta-analysis/read-nimare';
import { talairachToMni } from '../../../src-main/semantics/meta-analysis/talairach';
import { openTermMaps } from '../../../src-main/semantics/meta-analysis/term-map-file';
import { studiesOfTerm } from '../../../src-main/semantics/meta-analysis/term-studies';
import { CancelledError } from '../../../src-preload/shared/domain/errors';
import { MNI_4MM, type Grid } from '../../../src-preload/shared/domain/grid';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { twoPlaces, writeDatabase, type MadeUpDatabase } from './made-up-database';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terms-'));
});

const options: ReadDatabaseOptions = { threshold: 0.001, unknownSpace: 'mni' };
const read = async (database: MadeUpDatabase, more: Parameters<typeof writeDatabase>[2] = {}, settings = options) => {
  await writeDatabase(folder, database, more);
  return readDatabase(chooseVocabulary(folder, undefined), settings);
};

/** mm of a voxel's centre. */
function centre({ shape: [nx, ny], affine }: Grid, voxel: number): number[] {
  const index = [voxel % nx, Math.floor(voxel / nx) % ny, Math.floor(voxel / (nx * ny))];
  return [0, 1, 2].map((axis) => affine[axis * 4 + axis]! * index[axis]! + affine[axis * 4 + 3]!);
}

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, axis) => value - b[axis]!));

describe('Talairach to MNI', () => {
  test('is the inverse of the published icbm2tal', () => {
    const [x, y, z] = talairachToMni(10, -20, 30);
    expect(0.9357 * x + 0.0029 * y - 0.0072 * z - 1.0423).toBeCloseTo(10, 9);
    expect(-0.0065 * x + 0.9396 * y - 0.0726 * z - 1.394).toBeCloseTo(-20, 9);
    expect(0.0103 * x + 0.0752 * y + 0.8967 * z + 3.6475).toBeCloseTo(30, 9);
  });
});

describe('reading a database', () => {
  test.each([
    ['csc', true],
    ['csr', false],
  ] as const)('%s features, packed: %s', async (format, gzip) => {
    const { studies, terms, termStudies } = await read(twoPlaces(), { format, gzip });
    expect(terms).toEqual(['hearing', 'sight', 'both']);
    expect([0, 1, 2].map((term) => [...studiesOfTerm(termStudies, term)])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [0, 1, 2, 3, 4],
    ]);
    expect([...studies.starts]).toEqual([0, 2, 3, 4, 5, 6, 7]);
    expect([...studies.peaks.subarray(9, 12)]).toEqual([38, -18, 12]);
    expect(studies.summary).toMatchObject({
      ...{ studies: 6, peaks: 7, transformedPeaks: 1, unknownPeaks: 1, unreadablePeaks: 0 },
      spaces: { MNI: 4, TAL: 1, UNKNOWN: 1 },
    });
  });

  test('unknown spaces can be left out; peaks that cannot be read are counted', async () => {
    const database = twoPlaces();
    database.coordinates.push(['99', '0', '0', '0'], ['11', '', '0', '0']);
    const { studies } = await read(database, {}, { threshold: 0.001, unknownSpace: 'skip' });
    expect(studies.summary).toMatchObject({ peaks: 6, unknownPeaks: 1, unknownTakenAsMni: false, unreadablePeaks: 2 });
    expect(studies.starts[6]! - studies.starts[5]!).toBe(0);
  });

  test('a weight at the threshold is not above it', async () => {
    const { termStudies } = await read(twoPlaces(), {}, { threshold: 0.2, unknownSpace: 'mni' });
    expect([...studiesOfTerm(termStudies, 0)]).toEqual([0]);
    expect([...studiesOfTerm(termStudies, 2)]).toEqual([]);
  });

  test('topics bring their words', async () => {
    const topics = '0\t0.1\tear sound \n1\t0.2\teye\n2\t0.3\tall\n';
    const { topicWords } = await read({ ...twoPlaces(), topics }, { featureType: 'weight' });
    expect(topicWords).toEqual([['ear', 'sound'], ['eye'], ['all']]);
  });

  test.each<[string, (database: MadeUpDatabase) => void, RegExp]>([
    ['a study twice', (one) => one.metadata.push(['11', 'MNI']), /study 11 is there twice: .*metadata.*again in line 8/],
    ['a term twice', (one) => (one.terms[2] = 'hearing'), /the vocabulary has "hearing" twice: .*line 3/],
    [
      'features of other studies',
      (one) => one.weights.pop(),
      /do not belong to these studies.*expected 6 studies × 3 terms, found 5 × 3/,
    ],
    ['no peaks', (one) => (one.coordinates.length = 0), /no usable peaks/],
    ['a row that is too long', (one) => one.coordinates[2]!.push('7'), /the table cannot be read.*line 4/],
    ['words of a topic that is not', (one) => (one.topics = '7\t0.1\tear\n'), /words of the topics cannot be read.*found 7/],
  ])('%s gives one clear line', async (_what, spoil, message) => {
    const database = twoPlaces();
    spoil(database);
    await expect(read(database)).rejects.toThrow(message);
  });

  test('a folder without features says what is missing', async () => {
    await expect(async () => chooseVocabulary(folder, undefined)).rejects.toThrow(/no features of a meta-analytic database/);
    await writeDatabase(folder, twoPlaces());
    expect(() => chooseVocabulary(folder, 'LDA50')).toThrow(/no vocabulary "LDA50".*one of words/);
  });

  test('a dataset of NiMARE: contrasts are studies, labels lose what they share', async () => {
    const contrast = (space: string, x: number, labels: Record<string, number>) => ({
      contrasts: { '1': { coords: { space, x: [x], y: [-20], z: [10] }, labels } },
    });
    const file = join(folder, 'dataset.json');
    const dataset = {
      a: contrast('MNI', 40, { Neurosynth_TFIDF__hearing: 0.2, Neurosynth_TFIDF__sight: 0 }),
      b: contrast('TAL', -40, { Neurosynth_TFIDF__hearing: 0, Neurosynth_TFIDF__sight: 0.3 }),
    };
    await writeFile(file, JSON.stringify(dataset));
    const { studies, terms, termStudies } = await readNimareDataset(file, options);
    expect(studies.ids).toEqual(['a-1', 'b-1']);
    expect(studies.summary).toMatchObject({ peaks: 2, transformedPeaks: 1 });
    expect(terms).toEqual(['hearing', 'sight']);
    expect([...studiesOfTerm(termStudies, 1)]).toEqual([1]);
    await writeFile(file, '{"a": {"contrasts": {"1": {"coords": {"x": "no"}}}}}');
    await expect(readNimareDataset(file, options)).rejects.toThrow(/no dataset of NiMARE.*a.contrasts.1.coords/);
  });
});

describe('statistics', () => {
  /** Pearson's χ² of a 2 × 2 table, cell by cell. */
  function chiSquare(table: number[][]): number {
    const total = table.flat().reduce((sum, cell) => sum + cell, 0);
    let sum = 0;
    for (const [i, row] of table.entries()) {
      for (const [j, cell] of row.entries()) {
        const expected = ((row[0]! + row[1]!) * (table[0]![j]! + table[1]![j]!)) / total;
        sum += (cell - expected) ** 2 / expected;
        expect(i).toBeLessThan(2);
      }
    }
    return sum;
  }

  test('association is the signed root of χ² of the table', () => {
    const all = { studies: 200, active: Int32Array.of(30, 50, 0, 200) };
    const withTerm = { studies: 40, active: Int32Array.of(20, 4, 0, 40) };
    const z = associationZ(withTerm, all, new Float32Array(4));
    const tables = [
      [
        [20, 20],
        [10, 150],
      ],
      [
        [4, 36],
        [46, 114],
      ],
    ];
    expect(z[0]).toBeCloseTo(Math.sqrt(chiSquare(tables[0]!)), 4);
    expect(z[1]).toBeCloseTo(-Math.sqrt(chiSquare(tables[1]!)), 4);
    expect([z[2], z[3]]).toEqual([0, 0]);
  });

  test('uniformity is the signed root of χ² against the mean count', () => {
    const z = uniformityZ({ studies: 10, active: Int32Array.of(6, 2, 1) }, new Float32Array(3));
    expect(z[0]).toBeCloseTo(Math.sqrt(9 / 3 + 9 / 7), 5);
    expect(z[1]).toBeCloseTo(-Math.sqrt(1 / 3 + 1 / 7), 5);
  });

  test('the threshold is that of Benjamini and Hochberg, place by place', () => {
    const z = Float32Array.from({ length: 500 }, (_, i) => (i % 2 ? -1 : 1) * (i < 40 ? 2 + i / 10 : Math.sin(i) * 2));
    const p = [...z].map((value) => ({ size: Math.abs(value), p: twoSidedP(value) })).sort((a, b) => a.p - b.p);
    const last = p.findLastIndex((one, rank) => one.p <= (0.01 * (rank + 1)) / p.length);
    expect(last).toBeGreaterThan(5);
    expect(fdrThreshold(z)).toBe(p[last]!.size);
    expect(fdrThreshold(new Float32Array(100).fill(1))).toBe(Infinity);
    expect(twoSidedP(1.959963985)).toBeCloseTo(0.05, 8);
  });
});

describe('maps', () => {
  const isInBrain = (grid: Grid) => (voxel: number) => distance(centre(grid, voxel), [0, -20, 10]) < 85;
  const paths = () => ({ output: join(folder, 'maps.safetensors'), pieces: join(folder, 'pieces') });

  /** Forward and reverse inference computed as one would write it first: every voxel, every study, every peak. */
  function direct(database: Awaited<ReturnType<typeof read>>, mask: Mask, term: number): number[] {
    const { studies, termStudies } = database;
    const withTerm = new Set(studiesOfTerm(termStudies, term));
    const onGrid = (value: number) => Math.round(value / 2) * 2;
    return [...mask.voxels].map((voxel) => {
      const at = centre(mask.grid, voxel);
      const table = [
        [0, 0],
        [0, 0],
      ];
      for (let study = 0; study < studies.ids.length; study++) {
        let active = false;
        for (let peak = studies.starts[study]!; peak < studies.starts[study + 1]!; peak++) {
          const mm = [...studies.peaks.subarray(peak * 3, peak * 3 + 3)].map(onGrid);
          active ||= distance(mm, at) <= 10;
        }
        table[withTerm.has(study) ? 0 : 1]![active ? 0 : 1]!++;
      }
      const [[a, b], [c, d]] = table as [[number, number], [number, number]];
      const denominator = (a + b) * (c + d) * (a + c) * (b + d);
      return denominator === 0 ? 0 : (a * d - b * c) * Math.sqrt((a + b + c + d) / denominator);
    });
  }

  test('equal the direct computation at every voxel of the 4 mm grid', async () => {
    const database = await read(twoPlaces());
    const mask = createMask(MNI_4MM, isInBrain(MNI_4MM));
    const { studies } = await computeTermMaps({ database, mask, ...paths() }, quietContext());
    expect([...studies]).toEqual([3, 3, 5]);
    const maps = await openTermMaps(paths().output);
    for (const term of [0, 1, 2]) {
      const map = await maps.map('association', term);
      const wanted = direct(database, mask, term);
      expect(Math.max(...wanted.map(Math.abs))).toBeGreaterThan(1);
      expect(Math.max(...wanted.map((value, voxel) => Math.abs(value - map[voxel]!)))).toBeLessThan(2e-3);
    }
    expect(maps.mask.hash).toBe(mask.hash);
    await maps.close();
    expect(existsSync(paths().pieces)).toBe(false);
  });

  test('a grid of its own is interpolated from 2 mm, and peaks stay where they are', async () => {
    const grid: Grid = { shape: [50, 60, 50], affine: [3, 0, 0, -77, 0, 3, 0, -107, 0, 0, 3, -59, 0, 0, 0, 1] };
    const database = await read(twoPlaces());
    const mask = createMask(grid, isInBrain(grid));
    await computeTermMaps({ database, mask, ...paths() }, quietContext());
    const maps = await openTermMaps(paths().output);
    const map = await maps.map('association', 0);
    const highest = Math.max(...map);
    const best = [...mask.voxels].filter((_, voxel) => map[voxel] === highest);
    expect(best.length).toBeGreaterThan(10);
    for (const voxel of best) expect(distance(centre(grid, voxel), [40, -20, 10])).toBeLessThan(12);
    await maps.close();
  });

  test('an interrupted computation goes on from its finished pieces and gives the same file', async () => {
    const database = twoPlaces();
    database.terms = Array.from({ length: 150 }, (_, term) => `term ${term}`);
    database.weights = database.metadata.map((_, study) =>
      database.terms.map((_, term) => ((study * 7 + term) % 5 > 2 ? 0.5 : 0)),
    );
    const read150 = await read(database);
    const mask = createMask(MNI_4MM, (voxel) => isInBrain(MNI_4MM)(voxel) && voxel % 7 === 0);
    const whole = join(folder, 'whole.safetensors');
    await computeTermMaps({ database: read150, mask, output: whole, pieces: join(folder, 'others') }, quietContext());
    const canceller = new AbortController();
    const context = {
      ...quietContext(),
      signal: canceller.signal,
      progress: ({ done, unit }: { done: number; unit: string }) => unit === 'terms' && done > 100 && canceller.abort(),
    };
    await mkdir(paths().pieces);
    await expect(computeTermMaps({ database: read150, mask, ...paths() }, context)).rejects.toThrow(CancelledError);
    expect(existsSync(paths().output)).toBe(false);
    expect(await readdir(paths().pieces)).toEqual(['00000.maps']);
    const terms: number[] = [];
    const watching = {
      ...quietContext(),
      progress: (one: { done: number; stage: string }) => one.stage === 'computing term maps' && terms.push(one.done),
    };
    await computeTermMaps({ database: read150, mask, ...paths() }, watching as never);
    expect(terms[0]).toBe(64);
    const [first, second] = await Promise.all([openTermMaps(whole), openTermMaps(paths().output)]);
    expect(await second.read('association', 0, 150)).toEqual(await first.read('association', 0, 150));
    expect(await second.thresholds('uniformity')).toEqual(await first.thresholds('uniformity'));
    await Promise.all([first.close(), second.close()]);
  });
});
